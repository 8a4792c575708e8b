//! Refusals of uses of an enterprise's certificate.

use super::rules::Denial;
use crate::error::{Kind, Problem};

/// Nothing that was granted covers this.
pub const NOT_AUTHORISED: Kind = Kind::new(
    403,
    "NOT_AUTHORISED",
    "您没有在该平台使用此企业证书的有效授权，请联系企业管理员在“授权管理”中新增授权",
    "You are not authorised to use this enterprise certificate here; ask the administrator of the enterprise for it",
);
/// It would be covered, but not with this seal.
pub const SEAL_NOT_AUTHORISED: Kind = Kind::new(
    403,
    "SEAL_NOT_AUTHORISED",
    "您没有使用该印章的授权，请联系企业管理员授权该印章，或改用已授权的印章",
    "You are not authorised for this seal; ask the administrator for it, or use a seal that you may use",
);
/// A seal of one enterprise and a certificate of another.
pub const SEAL_FOREIGN: Kind = Kind::new(
    403,
    "SEAL_FOREIGN",
    "印章须使用其所属企业的证书签章；如印章已更新，请在电脑上重新发起",
    "A seal goes with a certificate of its own enterprise; if it has been redrawn, start again on the PC",
);
/// The platform asked for another signer than this certificate names.
pub const SIGNER_FOREIGN: Kind = Kind::new(
    403,
    "SIGNER_FOREIGN",
    "该请求需使用电脑上登录时所用身份的证书，请选择对应的企业或个人证书",
    "This request wants a certificate of the person or enterprise that is logged in on the PC",
);

/// The refusal that fits.
pub fn denied(denial: Denial) -> Problem {
    match denial {
        Denial::OtherSigner => SIGNER_FOREIGN,
        Denial::ForeignSeal => SEAL_FOREIGN,
        Denial::NotAMember | Denial::NotGranted => NOT_AUTHORISED,
        Denial::SealNotGranted => SEAL_NOT_AUTHORISED,
    }
    .problem()
}
