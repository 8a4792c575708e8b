import type { components, paths } from './schema'

/**
 * What the platform says, in its own words (snake_case, RFC 3339 times, UUID ids, money in fen). The shapes come from
 * the API's description; here they get the names that views use, and words where the description says only "string".
 */
type Schemas = components['schemas']

export interface Page<T> {
  items: T[]
  next_cursor?: string | null
}

export type PlatformInfo = Schemas['Platform']
export type GuideStep = Schemas['Guide']
export type Me = Schemas['Me']
/** What a person is in an enterprise: 管理员 or 办事人员. */
export type EnterpriseRole = Schemas['EnterpriseRole']
export type Membership = Schemas['Membership']
export type LoginCodeSent = Schemas['LoginCodeSent']
export type LoginCodePurpose = Schemas['LoginCodePurpose']
export type OwnCodePurpose = Schemas['OwnCodePurpose']
export type Session = Schemas['Session']
export type PhoneChange = Schemas['PhoneChange']
export type PhoneChangeProof = Schemas['PhoneChangeCompletion']
export type VerificationStarted = Schemas['VerificationStarted']
export type Verification = Schemas['Verification']

export type Product = Schemas['Product']
export type Institution = Schemas['Institution']
/** The institution as applications and certificates name it. */
export type InstitutionRef = Schemas['Issuer'] & { name_en?: string }

export type ApplicationKind = Schemas['ApplicationKind']
export type ApplicationState = Schemas['ApplicationState']
export type ApplicationAct = Schemas['ApplicationAct']
export type NewApplication = Schemas['NewApplication']
export type ApplicationEdit = Schemas['ApplicationEdit']
export type MaterialKind =
  paths['/api/applications/{id}/materials/{kind}']['put']['parameters']['path']['kind']
export type Material = Schemas['Material']
export type WantedMaterial = Schemas['WantedMaterial']
export type HistoryEntry = Schemas['ApplicationStep']
export type Application = Schemas['Application']
export type EnterpriseFacts = Schemas['EnterpriseFacts']

export type EnterpriseRef = Schemas['EnterpriseRef']
export type EnterpriseHit = Schemas['FoundEnterprise']
export type EnterpriseSearch = Schemas['FoundEnterprises']
export type EnterpriseCard = Schemas['EnterpriseCard']
export type EnterpriseProfile = Schemas['EnterpriseProfile']
/** A certificate of an enterprise, with whoever holds it. */
export type HeldCertificate = Schemas['HeldCertificate']
/** An invitation, as the invited person sees it. */
export type Invitation = Schemas['Invitation']
/** How an administrator seals a letter. */
export type LetterSealing = Schemas['LetterSealing']
export type IdType = Schemas['IdType']
export type Permission = Schemas['Permission']
export type SealKind = Schemas['SealKind']
export type Grant = Schemas['Grant']
export type GrantBody = Schemas['GrantBody']
export type PlatformRef = Schemas['PlatformRef']

export type Device = Schemas['Device']
export type Enrolment = Schemas['Enrolment']

export type KeyRecovery = Schemas['KeyRecovery']
export type KeyRecoveryKind = Schemas['KeyRecoveryKind']
/** Why the owner ends a certificate. */
export type RevocationCause = Schemas['FarewellReason']
export type CertificateStep = Schemas['CertificateStep']

export type CertificateState = Schemas['CertificateState']
export type Certificate = Omit<Schemas['Certificate'], 'institution'> & {
  institution: InstitutionRef
}

export type ScanState = Schemas['ScanState']
export type Placement = Schemas['Placement']
export type ScanDocument = Schemas['DocumentView']
export type ScanRequest = Schemas['ScanRequest']
export type ScanAnswer = Schemas['Answer']
export type RefuseReason = Schemas['RefusalReason']

export type MessageAction = Omit<Schemas['MessageAction'], 'kind'> & {
  kind:
    | 'open_application'
    | 'download_certificate'
    | 'open_certificate'
    | 'open_feedback'
    | 'open_invitation'
    | 'open_enterprise'
}
export type Message = Omit<Schemas['Message'], 'action'> & { action?: MessageAction | null }
export type MessagePage = Omit<Schemas['MessageList'], 'items'> & { items: Message[] }

export type LogHead = Schemas['LogHead']
export type LogConsistency = Schemas['LogConsistency']
export type CertificateUse = Schemas['CertificateUse']
export type CertificateUses = Schemas['CertificateUses']

export type HelpTopic = Schemas['HelpTopic']
export type HelpBlock = Schemas['HelpBlock']
export type HelpAnswers = Schemas['HelpAnswers']
export type Feedback = Schemas['Feedback']

/* Console */

export type Reviewer = Schemas['Reviewer']
export type ConsoleRole = Schemas['ConsoleRole']
export type ConsoleAct = Schemas['ConsoleAct']
export type Ageing = Schemas['Ageing']
export type QueueItem = Schemas['QueueItem']
export type QueuePage = Omit<Schemas['QueuePage'], 'counts' | 'ages'> & {
  counts: Partial<Record<ApplicationState, number>>
  ages: Record<Ageing, number>
}
export type QueueQuery = NonNullable<paths['/api/console/applications']['get']['parameters']['query']>
export type ReviewHold = Schemas['ReviewHold']
export type ConsoleApplication = Schemas['ConsoleApplication']
export type ConsoleDuplicate = Schemas['Duplicate']
export type ConsoleCertificate = Certificate & { applicant?: { name: string; phone_masked: string } }
/** Why the institution ends a certificate. */
export type RevocationReason = Schemas['RevocationReason']
export type ConsoleFeedback = Schemas['ConsoleFeedback']
export type ConsoleFeedbackPage = Schemas['ConsoleFeedbackList']
export type ConsoleScan = Schemas['ConsoleScan']
export type ConsoleSessionItem = Schemas['ConsoleSessionItem']
export type StaffMember = Schemas['StaffMember']
export type StaffChange = Schemas['StaffChange']
export type NewStaffMember = Schemas['NewStaffMember']
export type InstitutionSettings = Schemas['InstitutionSettings']
export type IssuanceHalt = Schemas['IssuanceHalt']
export type Fault = Schemas['Fault']
export type FaultCriteria = Schemas['FaultCriteria']
export type NewFault = Schemas['NewFault']
export type TouchedCertificate = Schemas['TouchedCertificate']
export type InstitutionChange = Schemas['InstitutionChange']
export type NewInstitution = Schemas['NewInstitution']
export type NewProduct = Schemas['NewProduct']
export type KindSetting = Schemas['KindSetting']
export type MaterialSetting = Schemas['MaterialSetting']
export type Statistics = Schemas['Statistics']
export type AuditEntry = Schemas['AuditEntry']
export type AuditQuery = NonNullable<paths['/api/console/audit']['get']['parameters']['query']>
export type AuditVerification = Schemas['AuditVerification']

/* Verification of signed files, open to anyone */

export interface SignatureReport extends Omit<Schemas['Signature'], 'chain' | 'verdict'> {
  chain?: 'trusted' | 'untrusted' | 'expired' | 'revoked' | null
  verdict: 'valid' | 'invalid' | 'unknown'
}

export interface VerificationReport {
  intact: boolean
  signatures: SignatureReport[]
}

/* Trading platform (its own server) */

export interface TradeEnterprise {
  name: string
  credit_code: string
}

export interface TradeSession {
  user: { subject: string; name: string; enterprise: TradeEnterprise | null } | null
  platform_name: string
}

export interface ScanStarted {
  id: string
  check_number: string
  expires_at: string
}

export interface TradeScan extends ScanStarted {
  action: 'login' | 'sign'
  state: ScanState
}

export interface TradeDocument {
  id: string
  title: string
  size: number
  created_at: string
  signatures: { name: string; signed_at: string }[]
  state: 'draft' | 'signing' | 'signed'
}

export interface Appearance {
  id: string
  kind: string
  name: string
  enterprise?: TradeEnterprise | null
  width_mm: number
  height_mm: number
  png: string
}

export interface SealPlacement extends Placement {
  appearance_id: string
}
