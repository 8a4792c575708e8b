//! Refusals about scan requests.

use super::rules::Unavailable;
use crate::error::{Kind, Problem};

/// Not one of our codes, or not made by us.
pub const CODE_INVALID: Kind =
    Kind::new(422, "SCAN_CODE_INVALID", "这不是本平台的二维码", "This is not a code of this platform");
/// Too old: photographed, or the page is asleep.
pub const CODE_STALE: Kind = Kind::new(
    409,
    "SCAN_CODE_STALE",
    "二维码已过期，请扫描电脑上正在显示的二维码",
    "The code has expired; scan the one that the PC shows now",
);
/// Another phone was first.
pub const ALREADY_CLAIMED: Kind = Kind::new(
    409,
    "SCAN_ALREADY_CLAIMED",
    "该二维码已被其他手机扫描，请在电脑上刷新",
    "Another phone has scanned this code; refresh it on the PC",
);
/// The relying party wants somebody else.
pub const NOT_FOR_YOU: Kind = Kind::new(
    403,
    "SCAN_NOT_FOR_YOU",
    "该请求需由电脑上登录的本人处理",
    "This request is for the person who is logged in on the PC",
);
/// Too late.
pub const EXPIRED: Kind = Kind::new(
    410,
    "SCAN_EXPIRED",
    "请求已超时，请在电脑上重新发起",
    "The request has expired; start it again on the PC",
);
/// Taken back.
pub const CANCELLED: Kind =
    Kind::new(409, "SCAN_CANCELLED", "电脑端已取消该请求", "The request was cancelled on the PC");
/// Over already.
pub const ANSWERED: Kind = Kind::new(409, "SCAN_ANSWERED", "该请求已处理", "This request has been answered");
/// Nobody has it.
pub const NOT_CLAIMED: Kind = Kind::new(409, "SCAN_NOT_CLAIMED", "请先扫描二维码", "Scan the code first");
/// The signature does not belong to certificate and message.
pub const SIGNATURE_WRONG: Kind =
    Kind::new(422, "SCAN_SIGNATURE_WRONG", "签名无效，请重试", "The signature is not valid; please try again");
/// No result (yet).
pub const NOT_CONFIRMED: Kind =
    Kind::new(409, "SCAN_NOT_CONFIRMED", "该请求尚未确认", "The request has not been confirmed");

/// The refusal that fits.
pub fn unavailable(why: Unavailable) -> Problem {
    match why {
        Unavailable::AlreadyClaimed => ALREADY_CLAIMED,
        Unavailable::NotForYou => NOT_FOR_YOU,
        Unavailable::Expired => EXPIRED,
        Unavailable::Cancelled => CANCELLED,
        Unavailable::Answered => ANSWERED,
        Unavailable::NotClaimed => NOT_CLAIMED,
    }
    .problem()
}
