//! Refusals about applications.

use crate::error::Kind;

/// One of this kind is open already; `application_id` names it.
pub const APPLICATION_OPEN: Kind = Kind::new(
    409,
    "APPLICATION_OPEN",
    "您已有正在办理的申请，请先完成或撤回",
    "You already have an open application; finish it or take it back first",
);
/// Something is missing; `fields` says what.
pub const APPLICATION_INCOMPLETE: Kind = Kind::new(
    422,
    "APPLICATION_INCOMPLETE",
    "申请内容不完整，请补充后提交",
    "The application is not complete; add what is missing",
);
/// It is no longer what was looked at.
pub const APPLICATION_CHANGED: Kind = Kind::new(
    409,
    "APPLICATION_CHANGED",
    "申请内容已变化，请刷新后重新审核",
    "The application has changed; reload and look again",
);
/// There is nothing to download (yet, or any more).
pub const APPLICATION_NOT_READY: Kind = Kind::new(
    409,
    "APPLICATION_NOT_READY",
    "该申请尚不能下载证书",
    "The certificate of this application cannot be downloaded now",
);
/// The event does not fit the state.
pub const WRONG_STATE: Kind = Kind::new(
    409,
    "APPLICATION_WRONG_STATE",
    "申请状态已变化，请刷新后查看",
    "The application has moved on; reload to see where it stands",
);
/// What it asks for has become impossible since it was handed in; `detail` says why.
pub const APPLICATION_OVERTAKEN: Kind = Kind::new(
    409,
    "APPLICATION_OVERTAKEN",
    "申请所依据的情况已变化，无法继续办理",
    "What this application rests on has changed; it cannot go on",
);
/// Two reviewers must look, not one twice.
pub const SECOND_REVIEWER_NEEDED: Kind = Kind::new(
    403,
    "SECOND_REVIEWER_NEEDED",
    "该机构要求双人复核，请由另一位审核员复核",
    "This institution wants two reviewers; another one must look",
);
/// The enterprise is known: join it. `enterprise_id` names it.
pub const ENTERPRISE_REGISTERED: Kind = Kind::new(
    409,
    "ENTERPRISE_REGISTERED",
    "该企业已被认领，请改为加入企业",
    "This enterprise has been claimed; join it instead",
);
/// Somebody else's claim of it has been approved and waits for its download.
pub const ENTERPRISE_CLAIMED: Kind = Kind::new(
    409,
    "ENTERPRISE_CLAIMED",
    "该企业的认领已由他人通过审核，请待其完成后加入企业",
    "Somebody else's claim of this enterprise has been approved; join it once they are done",
);
/// The person belongs to the enterprise already.
pub const ALREADY_A_MEMBER: Kind = Kind::new(
    409,
    "ALREADY_A_MEMBER",
    "您已是该企业人员，无需再次加入",
    "You belong to this enterprise already; there is nothing to join",
);
/// Only those who belong to the enterprise may.
pub const NOT_A_MEMBER: Kind = Kind::new(
    403,
    "NOT_A_MEMBER",
    "您不是该企业人员，请先加入企业",
    "You do not belong to this enterprise; join it first",
);
/// Only the administrator of the enterprise may.
pub const NOT_THE_ADMIN: Kind =
    Kind::new(403, "NOT_THE_ADMIN", "仅企业管理员可进行此操作", "Only the administrator of the enterprise may do this");
/// The administrator has nothing to seal the letter with.
pub const NO_ENTERPRISE_CERTIFICATE: Kind = Kind::new(
    409,
    "NO_ENTERPRISE_CERTIFICATE",
    "管理员没有可用的企业证书，请先申请企业证书或改用纸质表单",
    "The administrator has no enterprise certificate to seal with; apply for one first, or use the stamped form",
);
/// Name and phone number are not those of the administrator. Which of the two is nobody's business.
pub const ADMIN_MISMATCH: Kind = Kind::new(
    422,
    "ADMIN_MISMATCH",
    "管理员信息不正确，请向管理员核实后重试",
    "These are not the administrator's details; ask the administrator and try again",
);
/// The certificate cannot be renewed or replaced by this kind of application now.
pub const CERTIFICATE_NOT_REPLACEABLE: Kind = Kind::new(
    409,
    "CERTIFICATE_NOT_REPLACEABLE",
    "该证书当前不能办理此业务：即将过期的证书可续期，已失效的证书可重新申领",
    "This certificate cannot be replaced like this now: renew one that ends soon, apply again for one that has ended",
);
/// Neither another fact nor a certificate to be replaced.
pub const NOTHING_CHANGED: Kind = Kind::new(
    422,
    "NOTHING_CHANGED",
    "企业信息没有变化，请修改后提交",
    "Nothing about the enterprise has changed; change something first",
);
