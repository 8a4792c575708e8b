// Looking at what was made with other people's software: OpenSSL 4 for SM2, pdfsig and qpdf for the PDF's structure.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { artifacts, openssl4 } from './environment.ts'
import type { Phone } from './phone.ts'

interface Certificate {
  certificate_pem: string
  chain_pem: string
  institution: { slug: string }
}

/** The file's name in target/artifacts. */
export function artifact(name: string): string {
  mkdirSync(artifacts, { recursive: true })
  return join(artifacts, name)
}

/** Certificate, chain and revocation list of the phone's person, from the public interfaces. */
export async function saveCertificate(phone: Phone): Promise<void> {
  const { items } = await phone.api<{ items: Certificate[] }>('/api/certificates')
  const certificate = items[0]
  if (!certificate) throw new Error('no certificate')
  const slug = certificate.institution.slug
  writeFileSync(artifact('leaf.pem'), certificate.certificate_pem)
  writeFileSync(artifact('chain.pem'), certificate.chain_pem)
  writeFileSync(artifact('root.cer'), await phone.bytes(`/pki/${slug}/root.cer`))
  writeFileSync(artifact('crl.der'), await phone.bytes(`/pki/${slug}/ca.crl`))
}

/** The signed PDF and the last signature in it. */
export function saveSigned(pdf: Buffer): void {
  writeFileSync(artifact('signed.pdf'), pdf)
  const { cms, covered } = lastSignature(pdf)
  writeFileSync(artifact('signature.cms'), cms)
  writeFileSync(artifact('signature-covers.bin'), covered)
}

/** The octets of /Contents and those of its /ByteRange. */
function lastSignature(pdf: Buffer): { cms: Buffer; covered: Buffer } {
  const text = pdf.toString('latin1')
  const range = [...text.matchAll(/\/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]/g)].at(-1)
  if (!range) throw new Error('no ByteRange')
  const [a, b, c, d] = range.slice(1).map(Number) as [number, number, number, number]
  const hex = text.slice(a + b + 1, c - 1)
  const padded = Buffer.from(hex, 'hex')
  const { end } = element(padded, 0)
  return {
    cms: padded.subarray(0, end),
    covered: Buffer.concat([pdf.subarray(a, a + b), pdf.subarray(c, c + d)]),
  }
}

/** One DER element: where its content begins and ends. */
function element(der: Buffer, at: number): { tag: number; start: number; end: number } {
  const first = der[at + 1]!
  const octets = first < 0x80 ? 0 : first & 0x7f
  const length = octets === 0 ? first : der.readUIntBE(at + 2, octets)
  const start = at + 2 + octets
  return { tag: der[at]!, start, end: start + length }
}

function children(der: Buffer, at: number): { tag: number; at: number; content: Buffer }[] {
  const parent = element(der, at)
  const found = []
  for (let next = parent.start; next < parent.end;) {
    const child = element(der, next)
    found.push({ tag: child.tag, at: next, content: der.subarray(child.start, child.end) })
    next = child.end
  }
  return found
}

/** GB/T 35275 SignedData: the content that is signed, and the signature value. */
function signedContent(cms: Buffer): { content: Buffer; signature: Buffer } {
  const wrapped = children(cms, 0)[1]!
  const signedData = children(cms, children(cms, wrapped.at)[0]!.at)
  const inner = children(cms, signedData.find((part, index) => index > 1 && part.tag === 0x30)!.at)
  const content = children(cms, inner[1]!.at)[0]!.content
  const signerInfo = children(cms, signedData.at(-1)!.at)[0]!
  const signature = children(cms, signerInfo.at).findLast((part) => part.tag === 0x04)!.content
  return { content, signature }
}

/**
 * Chain, revocation list and signature by OpenSSL 4, structure by pdfsig and qpdf, and the same with one octet changed,
 * which must be refused. Returns what was checked.
 */
export function judge(): string[] {
  const verdicts = ['qpdf', 'pdfsig'].map((tool) => structure(tool))
  if (openssl4) verdicts.push(...openssl(openssl4))
  return verdicts
}

function structure(tool: string): string {
  const words = tool === 'qpdf' ? ['--check', artifact('signed.pdf')] : [artifact('signed.pdf')]
  const report = execFileSync(tool, words, { encoding: 'utf8' })
  if (tool === 'pdfsig' && !/Signature #1/.test(report))
    throw new Error(`pdfsig sees no signature:\n${report}`)
  return `${tool}: structure`
}

function openssl(program: string): string[] {
  const run = (...words: string[]) => execFileSync(program, words, { encoding: 'utf8', stdio: 'pipe' })
  const refused = (...words: string[]) => {
    try {
      run(...words)
    } catch {
      return
    }
    throw new Error(`OpenSSL accepted a corrupted copy: ${words.join(' ')}`)
  }
  run('x509', '-inform', 'DER', '-in', artifact('root.cer'), '-out', artifact('root.pem'))
  const chain = ['-CAfile', artifact('root.pem'), '-untrusted', artifact('chain.pem')]
  run('verify', ...chain, artifact('leaf.pem'))
  run('crl', '-inform', 'DER', '-in', artifact('crl.der'), '-out', artifact('crl.pem'))
  run('verify', '-crl_check', '-CRLfile', artifact('crl.pem'), ...chain, artifact('leaf.pem'))

  const { content, signature } = signedContent(readFileSync(artifact('signature.cms')))
  const digest = execFileSync(program, ['dgst', '-sm3', '-binary', artifact('signature-covers.bin')])
  if (!digest.equals(content)) throw new Error('the signed content is not the SM3 of the byte range')
  writeFileSync(artifact('signed-content.bin'), content)
  writeFileSync(artifact('signature.der'), signature)
  writeFileSync(artifact('leaf-key.pem'), run('x509', '-in', artifact('leaf.pem'), '-noout', '-pubkey'))
  const check = (file: string) => [
    ...['dgst', '-sm3', '-verify', artifact('leaf-key.pem'), '-sigopt', 'distid:1234567812345678'],
    ...['-signature', artifact('signature.der'), file],
  ]
  run(...check(artifact('signed-content.bin')))
  const corrupted = Buffer.from(content)
  corrupted[0]! ^= 1
  writeFileSync(artifact('corrupted.bin'), corrupted)
  refused(...check(artifact('corrupted.bin')))
  return [
    'openssl: chain',
    'openssl: revocation list',
    'openssl: SM2 signature',
    'openssl: corrupted copy refused',
  ]
}
