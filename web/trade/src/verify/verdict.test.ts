import type { SignatureReport } from '@guiqian/shared/api'
import { describe, expect, it } from 'vitest'
import zh from '../i18n/zh-CN'
import { checks, fileVerdict, furtherReasons } from './verdict'

const good: SignatureReport = {
  index: 0,
  signer_name: '张三',
  issuer_name: '桂云CA',
  serial: '01',
  signed_at: null,
  sub_filter: 'GM.sm2cms.detached',
  covers_whole_document: true,
  later_revision_exists: false,
  digest_ok: true,
  signature_ok: true,
  chain: 'trusted',
  verdict: 'valid',
  reasons: [],
}
const bad: SignatureReport = { ...good, verdict: 'invalid', digest_ok: false, reasons: ['DIGEST_MISMATCH'] }
const unsure: SignatureReport = {
  ...good,
  verdict: 'unknown',
  chain: 'untrusted',
  reasons: ['CERTIFICATE_UNTRUSTED'],
}

describe('the answer about a file', () => {
  it('is that there is no signature when there is none', () => {
    expect(fileVerdict({ intact: false, signatures: [] })).toBe('none')
  })

  it('is invalid as soon as one signature is, whatever the others say', () => {
    expect(fileVerdict({ intact: false, signatures: [good, unsure, bad] })).toBe('invalid')
  })

  it('is not valid while one certificate cannot be confirmed', () => {
    expect(fileVerdict({ intact: true, signatures: [good, unsure] })).toBe('unknown')
  })

  it('warns of additions that nobody signed', () => {
    expect(fileVerdict({ intact: false, signatures: [good] })).toBe('extended')
    expect(fileVerdict({ intact: true, signatures: [good] })).toBe('valid')
  })
})

describe('the lines about one signature', () => {
  it('say that the content was changed when the digest fits but the view was altered', () => {
    const lines = checks({ ...good, verdict: 'invalid', reasons: ['CHANGED_AFTER_SIGNING'] })
    expect(lines[0]).toEqual({ text: 'digest.bad', tone: 'bad' })
  })

  it('take a later signature as nothing bad', () => {
    const lines = checks({ ...good, covers_whole_document: false, later_revision_exists: true })
    expect(lines[3]).toEqual({ text: 'cover.later', tone: 'ok' })
  })

  it('say one thing only about a signature that cannot be read', () => {
    const lines = checks({ ...good, chain: null, verdict: 'invalid', reasons: ['MALFORMED_SIGNATURE'] })
    expect(lines).toEqual([{ text: 'unreadable', tone: 'bad' }])
  })

  it('do not repeat a reason that a line has said', () => {
    expect(furtherReasons(bad)).toEqual([])
    expect(furtherReasons({ ...good, reasons: ['LATER_SIGNATURES', 'DIGEST_MISMATCH'] })).toEqual([
      'LATER_SIGNATURES',
    ])
  })

  it('have words for every reason that the platform gives', () => {
    const given = [
      'BYTE_RANGE_INVALID',
      'CONTENTS_INVALID',
      'REVISION_UNREADABLE',
      'NOT_IN_ITS_REVISION',
      'DIGEST_MISMATCH',
      'SIGNATURE_WRONG',
      'CHANGED_AFTER_SIGNING',
      'LATER_SIGNATURES',
      'LATER_SIGNATURE_UNCONFIRMED',
      'UNSIGNED_OCTETS',
      'UNSUPPORTED_FORMAT',
      'MALFORMED_SIGNATURE',
      'CERTIFICATE_UNTRUSTED',
      'CERTIFICATE_EXPIRED',
      'CERTIFICATE_REVOKED',
    ]
    expect(Object.keys(zh.verify.reason).sort()).toEqual(given.sort())
  })
})
