/** What the platform says, in its own words (snake_case, RFC 3339 times, UUID ids, money in fen). */

export interface Page<T> {
  items: T[]
  next_cursor?: string | null
}

export interface PlatformInfo {
  name: string
  mode: 'sandbox' | 'production'
  version: string
  envelope_key: { id: string; public_key: string }
}

export type GuideStep = 'verify' | 'apply' | 'wait' | 'download' | 'done'

export interface Me {
  id: string
  phone_masked: string
  name: string | null
  verified: boolean
  guide: GuideStep
  guide_application_id?: string | null
  unread: number
}

export interface LoginCodeSent {
  expires_in: number
  resend_after: number
}

export interface VerificationStarted {
  id: string
  redirect_url: string
}

export interface Verification {
  id: string
  status: 'pending' | 'passed' | 'failed'
  reason_code?: string | null
}

export interface Product {
  id: string
  kind: string
  validity_months: number
  fee_fen: number
}

export interface Institution {
  id: string
  slug: string
  name: string
  name_en: string
  description: string
  description_en: string
  sandbox: boolean
  products: Product[]
  required_materials: { kind: string; required: boolean }[]
}

export type ApplicationState =
  | 'draft'
  | 'with_admin'
  | 'with_reviewer'
  | 'refused'
  | 'approved'
  | 'payment_due'
  | 'ready'
  | 'done'
  | 'withdrawn'
  | 'expired'

export interface Material {
  kind: string
  content_type: string
  size: number
  uploaded_at: string
}

export interface HistoryEntry {
  state: ApplicationState
  at: string
  by: 'applicant' | 'reviewer' | 'system'
  reason?: string | null
}

/** The institution as applications and certificates name it. */
export interface InstitutionRef {
  id: string
  name: string
  name_en?: string
  slug: string
}

export interface Application {
  id: string
  kind: string
  state: ApplicationState
  version?: number
  institution?: InstitutionRef | null
  product?: Product | null
  subject_name: string
  materials: Material[]
  missing_materials: string[]
  history: HistoryEntry[]
  created_at: string
  updated_at: string
  certificate_id?: string | null
}

export interface Device {
  id: string
  name: string
  created_at?: string
}

export interface Enrolment {
  id: string
  application_id: string
  server_nonce: string
  subject: string
  account_id: string
  expires_at: string
}

export type CertificateState = 'active' | 'revoked' | 'expired'

export interface Certificate {
  id: string
  kind: string
  institution: InstitutionRef
  subject_name: string
  serial: string
  not_before: string
  not_after: string
  state: CertificateState
  expiring: boolean
  key_id: string
  device_id: string
  certificate_pem: string
  chain_pem: string
}

export type ScanState = 'waiting' | 'claimed' | 'confirmed' | 'refused' | 'expired' | 'cancelled' | 'failed'

export interface Placement {
  page: number
  x_mm: number
  y_mm: number
  width_mm: number
  height_mm: number
}

export interface ScanDocument {
  title: string
  pages: number
  size: number
  digest: string
  placements: Placement[]
}

export interface ScanRequest {
  id: string
  action: 'login' | 'sign'
  state: ScanState
  relying_party: { id: string; name: string; domain: string; logo_url?: string | null }
  check_number: string
  created_at: string
  expires_at: string
  browser: { address: string; user_agent_short: string; first_time: boolean }
  statement?: string | null
  document?: ScanDocument | null
  certificates: Certificate[]
  result?: unknown
}

export type RefuseReason = 'not_me' | 'wrong_document' | 'other'

export type ScanAnswer =
  | { decision: 'confirm'; certificate_id: string; signature: string }
  | { decision: 'refuse'; reason?: RefuseReason }

export interface MessageAction {
  kind: 'open_application' | 'download_certificate' | 'open_certificate'
  target_id: string
}

export interface Message {
  id: string
  kind: string
  title: string
  body: string
  title_en: string
  body_en: string
  created_at: string
  read: boolean
  action?: MessageAction | null
}

export interface MessagePage extends Page<Message> {
  unread: number
}

/* Console */

export interface Reviewer {
  id: string
  username: string
  name: string
  institution: { id: string; name: string } | null
  role: string
}

export interface ConsoleApplication extends Application {
  version: number
  applicant: {
    name?: string | null
    phone_masked: string
    id_number_masked?: string | null
    verified_at?: string | null
  }
  waiting_since: string | null
  previous_id?: string | null
}

export interface ConsoleApplicationPage extends Page<ConsoleApplication> {
  counts: Partial<Record<ApplicationState, number>>
}

export interface ConsoleCertificate extends Certificate {
  applicant?: { name: string; phone_masked: string }
}

export interface AuditEntry {
  /** Place in the chain of entries, from 1. */
  seq: number
  at: string
  actor_kind: 'account' | 'reviewer' | 'relying_party' | 'system'
  actor_id?: string | null
  /** `noun.verb`. */
  action: string
  target_kind: string
  target_id?: string | null
  detail: Record<string, unknown>
  /** SM3 over this entry and the digest of the one before, hexadecimal. */
  digest: string
}

/* Verification of signed files, open to anyone */

export interface SignatureReport {
  index: number
  /** Absent, like the next four, when the signature could not be read that far. */
  signer_name?: string | null
  issuer_name?: string | null
  serial?: string | null
  signed_at?: string | null
  sub_filter: string
  covers_whole_document: boolean
  later_revision_exists: boolean
  digest_ok: boolean
  signature_ok: boolean
  chain?: 'trusted' | 'untrusted' | 'expired' | 'revoked' | null
  verdict: 'valid' | 'invalid' | 'unknown'
  reasons: string[]
  page?: number | null
  rect_mm?: { x_mm: number; y_mm: number; width_mm: number; height_mm: number } | null
}

export interface VerificationReport {
  intact: boolean
  signatures: SignatureReport[]
}

/* Trading platform (its own server) */

export interface TradeSession {
  user: { subject: string; name: string } | null
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
  width_mm: number
  height_mm: number
  png: string
}

export interface SealPlacement extends Placement {
  appearance_id: string
}
