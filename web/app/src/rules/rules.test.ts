import type { Application, GuideStep } from '@guiqian/shared/api'
import { describe, expect, it } from 'vitest'
import { isOpen, refusalReason, timeline } from './application'
import { readScanCode } from './code'
import { guideOf } from './guide'
import { digitsOf, isIdNumber, isPhone, isRealName } from './identity'
import { fitWithin, inkBox } from './image'
import { penWidth } from './ink'
import { pinWeakness } from './pin'
import { readStatement, StatementError } from './statement'

describe('a certificate password', () => {
  it.each(['', '12345', '1234567', '12a456', '１２３４５６'])('%s is not six digits', (pin) =>
    expect(pinWeakness(pin)).toBe('format'),
  )
  it.each([
    ['000000', 'repeated'],
    ['123456', 'sequence'],
    ['987654', 'sequence'],
    ['890123', 'sequence'],
    ['121212', 'pattern'],
    ['333888', 'pattern'],
    ['112233', 'popular'],
    ['520520', 'popular'],
  ])('%s may not be set: %s', (pin, reason) => expect(pinWeakness(pin)).toBe(reason))
  it.each(['274915', '907316', '483920'])('%s may be set', (pin) => expect(pinWeakness(pin)).toBeUndefined())
})

describe('the guide follows the account', () => {
  const of = (guide: GuideStep, id?: string) => guideOf({ guide, guide_application_id: id })
  it('goes 去认证, 去申请, 去下载', () => {
    expect(of('verify')).toEqual({ current: 0, waiting: false, target: '/verify' })
    expect(of('apply')).toEqual({ current: 1, waiting: false, target: '/apply' })
    expect(of('apply', 'a')).toEqual({ current: 1, waiting: false, target: '/applications/a' })
    expect(of('wait', 'a')).toEqual({ current: 1, waiting: true, target: '/applications/a' })
    expect(of('download', 'a')).toEqual({ current: 2, waiting: false, target: '/applications/a/download' })
  })
  it('is over when everything is done', () => expect(of('done').current).toBe(3))
})

describe('what is typed is checked before it is sent', () => {
  it('an identity number has a real birthday and a right check character', () => {
    expect(isIdNumber('11010519491231002X')).toBe(true)
    expect(isIdNumber('11010519491231002x')).toBe(true)
    expect(isIdNumber('110105194912310021')).toBe(false)
    expect(isIdNumber('110105194902310025')).toBe(false)
    expect(isIdNumber('11010519491231')).toBe(false)
  })
  it('a phone number is a mobile number', () => {
    expect(isPhone('13800138000')).toBe(true)
    expect(isPhone('12800138000')).toBe(false)
    expect(isPhone('1380013800')).toBe(false)
  })
  it('a name may carry a middle dot, but no digits', () => {
    expect(isRealName('韦玉兰')).toBe(true)
    expect(isRealName('阿卜杜拉·买买提')).toBe(true)
    expect(isRealName('韦')).toBe(false)
    expect(isRealName('韦3')).toBe(false)
    expect(isRealName('·韦玉')).toBe(false)
  })
  it('a number field keeps the digits of what was pasted', () =>
    expect(digitsOf('138 0013-8000 x', 11)).toBe('13800138000'))
})

describe('a scanned text', () => {
  const bare = `${'A'.repeat(22)}.t3v2kz.${'b'.repeat(16)}`
  it('is ours when it is an address of ours or its bare part', () => {
    expect(readScanCode(` https://ca.example/s#${bare}\n`)).toBe(`https://ca.example/s#${bare}`)
    expect(readScanCode(bare)).toBe(bare)
  })
  it.each([
    '',
    'https://ca.example/',
    `https://ca.example/x#${bare}`,
    `javascript:alert(1)/s#${bare}`,
    `${bare}.x`,
    'A.b.c',
  ])('is foreign: %s', (text) => expect(readScanCode(text)).toBeUndefined())
})

describe('the login statement', () => {
  const fields = {
    type: 'guiqian-login',
    version: 1,
    request: 'r',
    relying_party: 'p',
    name: '示范公共资源交易平台',
    check_number: '4821',
    issued_at: '2026-11-24T04:00:00Z',
    expires_at: '2026-11-24T04:05:00Z',
  }
  const octets = (text: string) => new TextEncoder().encode(text)
  it('is read as it will be signed', () => {
    const statement = readStatement(octets(JSON.stringify(fields)))
    expect(statement.name).toBe('示范公共资源交易平台')
    expect(statement.checkNumber).toBe('4821')
    expect(new TextDecoder().decode(statement.octets)).toBe(JSON.stringify(fields))
  })
  it.each([
    ['another type', JSON.stringify({ ...fields, type: 'guiqian-sign' })],
    ['a further key', JSON.stringify({ ...fields, amount: '1' })],
    ['a missing key', JSON.stringify({ ...fields, expires_at: undefined })],
    ['spaces', JSON.stringify(fields, null, 1)],
    ['a key twice', JSON.stringify(fields).replace('"version":1', '"version":1,"name":"x"')],
    ['a number for a text', JSON.stringify({ ...fields, check_number: 4821 })],
    ['no JSON', 'guiqian-login'],
    ['nothing', ''],
  ])('is refused with %s', (_, text) => expect(() => readStatement(octets(text))).toThrow(StatementError))
  it('is refused when it is not UTF-8', () =>
    expect(() => readStatement(new Uint8Array([0x7b, 0xff, 0x7d]))).toThrow(StatementError))
})

describe('the timeline of an application', () => {
  const at = '2026-11-24T04:00:00Z'
  const entry = (state: Application['state'], reason?: string) => ({
    state,
    at,
    by: 'applicant' as const,
    reason,
  })
  it('shows what was, what is and what comes', () => {
    const stages = timeline({ state: 'with_reviewer', history: [entry('draft'), entry('with_reviewer')] })
    expect(stages.map((stage) => `${stage.key}:${stage.state}`)).toEqual([
      'draft:past',
      'with_reviewer:now',
      'ready:next',
      'done:next',
    ])
  })
  it('ends with a refusal and its reason', () => {
    const application = {
      state: 'refused' as const,
      history: [entry('with_reviewer'), entry('refused', '签名不清楚')],
    }
    expect(timeline(application).at(-1)).toMatchObject({ state: 'failed', reason: '签名不清楚' })
    expect(refusalReason(application)).toBe('签名不清楚')
    expect(isOpen(application)).toBe(false)
  })
  it('has nothing open when the certificate is there', () =>
    expect(
      timeline({ state: 'done', history: [entry('ready'), entry('done')] }).every((s) => s.state === 'past'),
    ).toBe(true))
})

describe('pictures', () => {
  it('are reduced in proportion and never enlarged', () => {
    expect(fitWithin(4000, 3000, 2000)).toEqual({ width: 2000, height: 1500 })
    expect(fitWithin(300, 200, 2000)).toEqual({ width: 300, height: 200 })
    expect(fitWithin(10000, 1, 2000)).toEqual({ width: 2000, height: 1 })
  })
  it('are cut to the ink', () => {
    const pixels = new Uint8ClampedArray(6 * 5 * 4)
    pixels[(1 * 6 + 2) * 4 + 3] = 255
    pixels[(3 * 6 + 4) * 4 + 3] = 255
    expect(inkBox(pixels, 6, 5)).toEqual({ x: 2, y: 1, width: 3, height: 3 })
  })
  it('without ink have no box', () => expect(inkBox(new Uint8ClampedArray(16), 2, 2)).toBeUndefined())
  it('a fast pen writes thinner, without jumps', () => {
    expect(penWidth(3, 7, 7)).toBeLessThan(penWidth(0.1, 7, 7))
    expect(Math.abs(penWidth(9, 7, 7) - 7)).toBeLessThan(2)
  })
})
