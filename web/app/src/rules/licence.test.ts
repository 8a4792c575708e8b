import { describe, expect, it } from 'vitest'
import { groupCreditCode, looksLikeCreditCode, parseCreditCode } from './credit-code'
import { isLicenceAddress, prefill, readLicenceCode } from './licence'

const CODE = '91350100M000100Y43'

describe('a unified social credit code', () => {
  it('is read however it is spaced and written', () => {
    for (const text of [CODE, '9135 0100 m000 100y 43', ' 9135-0100-M000-100Y-43\u3000'])
      expect(parseCreditCode(text), text).toBe(CODE)
  })

  it('is refused with any one character wrong', () => {
    for (let place = 0; place < CODE.length; place += 1) {
      for (const other of '0123456789ABCDEFGHJKLMNPQRTUWXY') {
        if (CODE[place] === other) continue
        const wrong = CODE.slice(0, place) + other + CODE.slice(place + 1)
        expect(parseCreditCode(wrong), wrong).toBeUndefined()
      }
    }
    for (const text of ['', '9135', `${CODE}3`, '91350100M000100Y4I', '桂'.repeat(18)])
      expect(parseCreditCode(text), text).toBeUndefined()
  })

  it('is told from a name while it is typed', () => {
    expect(looksLikeCreditCode('9135 0100 M000 100Y 44')).toBe(true)
    expect(looksLikeCreditCode('桂林漓江工程有限公司')).toBe(false)
    expect(looksLikeCreditCode('91350100')).toBe(false)
    expect(groupCreditCode(CODE)).toBe('9135 0100 M000 100Y 43')
  })
})

describe("the QR code on a licence's photo", () => {
  it('gives name and credit code from lines, whatever divides them', () => {
    const want = { name: '桂林漓江工程有限公司', credit_code: CODE }
    for (const text of [
      `统一社会信用代码：${CODE}\r\n名称：桂林漓江工程有限公司\r\n类型：有限责任公司`,
      `统一社会信用代码:${CODE};名称:桂林漓江工程有限公司;登记机关:桂林市市场监督管理局;`,
      `企业名称：桂林漓江工程有限公司；统一社会信用代码：${CODE}；登记日期：2016-03-02`,
      `名 称： 桂林漓江工程有限公司\n代码 ${CODE}\n国家企业信用信息公示系统网址：http://www.gsxt.gov.cn`,
    ])
      expect(readLicenceCode(text), text).toEqual(want)
  })

  it('gives what an address of the official system carries', () => {
    expect(readLicenceCode(`http://www.gsxt.gov.cn/corp-query-entprise-info.html?uniscid=${CODE}`)).toEqual({
      credit_code: CODE,
    })
    const name = encodeURIComponent('桂林漓江工程有限公司')
    expect(
      readLicenceCode(`https://gx.gsxt.gov.cn/notice?uniscid=${CODE}&entname=${name}&regno=450300200012345`),
    ).toEqual({ name: '桂林漓江工程有限公司', credit_code: CODE })
    expect(readLicenceCode(`http://www.gsxt.gov.cn/%7B${CODE}%7D`)).toEqual({ credit_code: CODE })
    expect(isLicenceAddress('http://www.gsxt.gov.cn/socialuser-use-rllogin.html')).toBe(true)
    expect(isLicenceAddress('https://example.cn/gsxt')).toBe(false)
  })

  it('gives what JSON carries', () => {
    expect(readLicenceCode(JSON.stringify({ uniscid: CODE, entName: '桂林(漓江)工程有限公司' }))).toEqual({
      name: '桂林（漓江）工程有限公司',
      credit_code: CODE,
    })
  })

  it('gives nothing rather than something wrong', () => {
    for (const text of [
      '',
      'http://www.gsxt.gov.cn/',
      'https://u.wechat.com/abcdefghijklmnopqr',
      `统一社会信用代码：91350100M000100Y44`,
      `https://example.cn/${CODE}AB`,
      '名称：x',
      '%E0%A4%A',
    ])
      expect(readLicenceCode(text), text).toBeUndefined()
  })

  it('does not take an older register number for a credit code', () => {
    expect(readLicenceCode('注册号：450300200012345；名称：桂林漓江工程有限公司')).toEqual({
      name: '桂林漓江工程有限公司',
    })
  })
})

describe('what was read and what was typed', () => {
  it('fills what is empty and asks before it replaces anything', () => {
    const found = { name: '桂林漓江工程有限公司', credit_code: CODE }
    expect(prefill({ name: '', credit_code: ' ' }, found)).toEqual({ fill: found, ask: {} })
    expect(prefill({ name: '桂林工程公司', credit_code: '' }, found)).toEqual({
      fill: { credit_code: CODE },
      ask: { name: found.name },
    })
  })

  it('says nothing about what agrees', () => {
    const found = { name: '桂林（漓江）工程有限公司', credit_code: CODE }
    const typed = { name: '桂林(漓江)工程有限公司', credit_code: '9135 0100 m000 100y 43' }
    expect(prefill(typed, found)).toEqual({ fill: {}, ask: {} })
  })
})
