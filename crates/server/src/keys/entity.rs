//! The tables of the keys. Times are Unix milliseconds.

/// A phone or browser with its own P-256 key.
pub mod device {
    use sea_orm::entity::prelude::*;

    /// One row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "device")]
    pub struct Model {
        /// Names the device.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// Whose it is.
        pub account_id: Uuid,
        /// What the owner sees.
        pub name: String,
        /// Uncompressed P-256 point, 65 bytes.
        pub public_key: Vec<u8>,
        /// When it was registered.
        pub created_at: i64,
        /// When its owner logged it out for ever.
        pub ended_at: Option<i64>,
    }

    /// No relations: rows are looked up by id.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The server's half of a key.
pub mod split_key {
    use sea_orm::entity::prelude::*;

    /// One row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "split_key")]
    pub struct Model {
        /// Names the key.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// Whose it is.
        pub account_id: Uuid,
        /// The device that holds the other half.
        pub device_id: Uuid,
        /// The enrolment that made it.
        pub enrolment_id: Uuid,
        /// The common public key P, 65 bytes.
        pub public_key: Vec<u8>,
        /// A [`KeyState`](super::super::rules::KeyState).
        pub state: String,
        /// Raised with every refresh of the shares.
        pub epoch: i64,
        /// Wrong PINs in a row.
        pub failures: i32,
        /// Wrong PINs since the last change of the PIN.
        pub total_failures: i32,
        /// SM3 of the token that comes next.
        pub token_current: Vec<u8>,
        /// SM3 of the token before.
        pub token_previous: Option<Vec<u8>>,
        /// The request that consumed the token before.
        pub token_consumed_by: Option<Uuid>,
        /// See [`SealedShare`](super::super::vault::SealedShare); empty when destroyed.
        pub wrapped_key: Option<Vec<u8>>,
        /// See [`SealedShare`](super::super::vault::SealedShare); empty when destroyed.
        pub wrapped_share: Option<Vec<u8>>,
        /// When it was made.
        pub created_at: i64,
        /// When the shares were last refreshed: at every change of the PIN.
        pub pin_changed_at: Option<i64>,
        /// When a forgotten PIN was last replaced.
        pub pin_reset_at: Option<i64>,
        /// Where the code for a forgotten PIN goes: the account's number when the key was made.
        pub reset_phone: Option<String>,
    }

    /// No relations: rows are looked up by id.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The server's half of an encryption key that a key opens, and until the phone has stored its own half, what is on the
/// way to it.
pub mod decryption_share {
    use sea_orm::entity::prelude::*;

    /// One row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "decryption_share")]
    pub struct Model {
        /// The key that holds it.
        #[sea_orm(primary_key, auto_increment = false)]
        pub key_id: Uuid,
        /// The encryption key in escrow.
        #[sea_orm(primary_key, auto_increment = false)]
        pub escrow_id: Uuid,
        /// P_E, 65 bytes.
        pub public_key: Vec<u8>,
        /// See [`SealedShare`](super::super::vault::SealedShare).
        pub wrapped_key: Vec<u8>,
        /// See [`SealedShare`](super::super::vault::SealedShare).
        pub wrapped_share: Vec<u8>,
        /// The key's epoch that the share belongs to.
        pub epoch: i64,
        /// The phone's one-time key that its half was sealed to, 65 bytes.
        pub transport_key: Vec<u8>,
        /// The phone's half, sealed; empty once it is stored there.
        pub sealed_share: Option<Vec<u8>>,
        /// The reset masks of all shares of the delivery, sealed; at the first of them.
        pub sealed_masks: Option<Vec<u8>>,
        /// When the phone said that its half is stored. Before that the share opens nothing.
        pub delivered_at: Option<i64>,
    }

    /// No relations: rows are looked up by key.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A ciphertext that the owner of a key wants opened.
pub mod decryption {
    use sea_orm::entity::prelude::*;

    /// One row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "decryption")]
    pub struct Model {
        /// Names it; also the task of the operation.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// Whose it is.
        pub account_id: Uuid,
        /// The key that opens it.
        pub key_id: Uuid,
        /// The encryption key that it was encrypted to.
        pub escrow_id: Uuid,
        /// Its first part, 65 bytes: all that the server sees of it.
        pub c1: Vec<u8>,
        /// When it was asked for.
        pub created_at: i64,
        /// When it stops being good.
        pub expires_at: i64,
        /// When the server's half was given.
        pub answered_at: Option<i64>,
    }

    /// No relations: rows are looked up by id.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The secret behind a key's reset masks.
pub mod reset_mask {
    use sea_orm::entity::prelude::*;

    /// One row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "reset_mask")]
    pub struct Model {
        /// The key.
        #[sea_orm(primary_key, auto_increment = false)]
        pub key_id: Uuid,
        /// 32 random bytes under the reset vault.
        pub wrapped_mask: Vec<u8>,
        /// When it was made.
        pub created_at: i64,
    }

    /// No relations: rows are looked up by id.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A nonce that a phone holds the commitment of.
pub mod nonce {
    use sea_orm::entity::prelude::*;

    /// One row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "nonce")]
    pub struct Model {
        /// `cid` of the protocol.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// The key it is for.
        pub key_id: Uuid,
        /// The device it was given to.
        pub device_id: Uuid,
        /// Whether it may still answer; once false, false for ever.
        pub open: bool,
        /// The nonce under the boot key; emptied when burnt.
        pub sealed: Option<Vec<u8>>,
        /// When it stops being good.
        pub expires_at: i64,
    }

    /// No relations: rows are looked up by id.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A request that the door has seen, and its answer.
pub mod key_request {
    use sea_orm::entity::prelude::*;

    /// One row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "key_request")]
    pub struct Model {
        /// Who asked.
        #[sea_orm(primary_key, auto_increment = false)]
        pub device_id: Uuid,
        /// The phone's name for the request.
        #[sea_orm(primary_key, auto_increment = false)]
        pub req_id: Uuid,
        /// SM3 of the request's body.
        pub digest: Vec<u8>,
        /// The reply under the boot key; empty while in progress.
        pub sealed_reply: Option<Vec<u8>>,
        /// When the row may be forgotten.
        pub expires_at: i64,
    }

    /// No relations: rows are looked up by id.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A key generation between its two messages.
pub mod key_generation {
    use sea_orm::entity::prelude::*;

    /// One row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "key_generation")]
    pub struct Model {
        /// The enrolment it belongs to.
        #[sea_orm(primary_key, auto_increment = false)]
        pub enrolment_id: Uuid,
        /// The server's state under the boot key.
        pub sealed: Vec<u8>,
        /// When it stops being good.
        pub expires_at: i64,
    }

    /// No relations: rows are looked up by id.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A refresh of the shares between its two messages.
pub mod key_refresh {
    use sea_orm::entity::prelude::*;

    /// One row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "key_refresh")]
    pub struct Model {
        /// The key.
        #[sea_orm(primary_key, auto_increment = false)]
        pub key_id: Uuid,
        /// The server's contribution and the next reset secret under the boot key.
        pub sealed: Vec<u8>,
        /// The recovery that gave leave to begin, if one did.
        pub recovery_id: Option<Uuid>,
        /// When it stops being good.
        pub expires_at: i64,
    }

    /// No relations: rows are looked up by id.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
