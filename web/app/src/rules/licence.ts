/**
 * The QR code on a business licence (营业执照). Older ones carry lines such as `统一社会信用代码：…；名称：…`, newer ones an
 * address of 国家企业信用信息公示系统 (or of a province's), some of them JSON. Whatever the form, a credit code is taken only
 * if its check character is right.
 */
import { parseCreditCode } from './credit-code'

export interface LicenceFacts {
  name?: string
  credit_code?: string
}

const CODE = /(?<![0-9A-Za-z])[0-9A-HJ-NPQRTUWXYa-hj-npqrtuwxy]{18}(?![0-9A-Za-z])/g
/** The name ends with the line or at a mark that no enterprise's name holds. */
const NAME = /(?:企业名称|单位名称|机构名称|名\s*称)["”]?\s*[:：=]\s*["“]?([^;；,，|&"”\r\n]{2,100})/
const NAME_PARAMETERS = ['entname', 'entName', 'ent_name', 'companyname', 'companyName', 'name', 'qymc']
/** What is longer is no licence's code. */
const LONGEST = 4_000

/** What the code says about the enterprise; `undefined` when it says nothing that we can use. */
export function readLicenceCode(text: string): LicenceFacts | undefined {
  const plain = decoded(text.slice(0, LONGEST).trim())
  const credit_code = [...plain.matchAll(CODE)]
    .map((found) => parseCreditCode(found[0]))
    .find((code) => code !== undefined)
  const name = tidyName(nameIn(plain, text))
  if (!credit_code && !name) return undefined
  return { ...(name && { name }), ...(credit_code && { credit_code }) }
}

/** Whether the code is an address only: the official system's page, which we do not call. */
export function isLicenceAddress(text: string): boolean {
  return /^https?:\/\/[^/]*(gsxt|gs\.gov|saic\.gov|samr\.gov|wljg|xyxx)/i.test(text.trim())
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replace(/\+/g, ' '))
  } catch {
    return text
  }
}

function nameIn(plain: string, raw: string): string | undefined {
  const line = NAME.exec(plain)?.[1]
  if (line) return line
  return fromAddress(raw.trim()) ?? fromJson(raw)
}

function fromAddress(text: string): string | undefined {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return undefined
  const query = new URL(text).searchParams
  return NAME_PARAMETERS.map((name) => query.get(name)).find((value) => value) ?? undefined
}

function fromJson(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null) return undefined
    const found = NAME_PARAMETERS.map((name) => (value as Record<string, unknown>)[name])
    return found.find((name): name is string => typeof name === 'string')
  } catch {
    return undefined
  }
}

/** Licences write brackets in full width; a name holds at least one Chinese character. */
function tidyName(text: string | undefined): string | undefined {
  const name = text?.replaceAll('(', '（').replaceAll(')', '）').trim()
  return name && name.length >= 2 && /\p{Script=Han}/u.test(name) ? name : undefined
}

export interface Prefill {
  /** Fields that are empty and may be filled at once. */
  fill: LicenceFacts
  /** Fields where something else has been typed: only after asking. */
  ask: LicenceFacts
}

/** What may be filled in without asking, and what contradicts what was typed. */
export function prefill(typed: Required<LicenceFacts>, found: LicenceFacts): Prefill {
  const result: Prefill = { fill: {}, ask: {} }
  for (const field of ['name', 'credit_code'] as const) {
    const value = found[field]
    const now = typed[field].trim()
    if (!value || same(field, now, value)) continue
    ;(now ? result.ask : result.fill)[field] = value
  }
  return result
}

function same(field: keyof LicenceFacts, typed: string, found: string): boolean {
  return field === 'credit_code' ? parseCreditCode(typed) === found : tidyName(typed) === found
}
