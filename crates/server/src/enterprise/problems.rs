//! Refusals about enterprises and their people.

use crate::error::Kind;

/// Somebody else's enterprise.
pub const NOT_A_MEMBER: Kind = Kind::new(
    403,
    "NOT_A_MEMBER",
    "您不是该企业人员，请先加入企业或联系企业管理员",
    "You do not belong to this enterprise; join it or ask its administrator",
);
/// A clerk asks for what only the administrator may do.
pub const NOT_THE_ADMIN: Kind = Kind::new(
    403,
    "NOT_THE_ADMIN",
    "仅企业管理员可以办理，请联系企业管理员",
    "Only the administrator of the enterprise may do this; please ask them",
);
/// The person belongs to the enterprise already.
pub const ALREADY_A_MEMBER: Kind =
    Kind::new(409, "ALREADY_A_MEMBER", "已是该企业人员，无需重复加入", "Already belongs to this enterprise");
/// The enterprise is known.
pub const ENTERPRISE_REGISTERED: Kind = Kind::new(
    409,
    "ENTERPRISE_REGISTERED",
    "该企业已被认领，请改为加入企业",
    "This enterprise has been claimed; join it instead",
);
/// The administrator cannot be deleted or leave.
pub const ADMIN_STAYS: Kind = Kind::new(
    409,
    "ADMIN_STAYS",
    "您是企业管理员，请先转授管理员",
    "You are the administrator; hand the role over first",
);
/// Another name has been invited at this number; `invitation_id` names that invitation.
pub const INVITATION_OPEN: Kind = Kind::new(
    409,
    "INVITATION_OPEN",
    "该手机号已有待接受的邀请，请先撤回原邀请",
    "This number has an invitation that waits; take that one back first",
);
/// It has been answered, taken back, or has expired; `state` says which.
pub const INVITATION_OVER: Kind = Kind::new(
    409,
    "INVITATION_OVER",
    "该邀请已处理或已过期，请联系企业管理员重新邀请",
    "This invitation is over; ask the administrator of the enterprise for a new one",
);
/// The invited name is not the person's real name.
pub const NAME_MISMATCH: Kind = Kind::new(
    409,
    "NAME_MISMATCH",
    "邀请填写的姓名与您的实名不一致，请联系企业管理员更正后重新邀请",
    "The invited name is not your real name; ask the administrator to correct it and invite you again",
);
