//! Transactions of accounts.
