// Papers that people have: an agreement to sign, printed to PDF by the browser itself, and photographs of pages.
import { toDataURL } from 'qrcode'
import type { Pc } from './pc.ts'
import type { Firm } from './people.ts'

export async function agreement(pc: Pc, title: string): Promise<Buffer> {
  const page = await pc.page.context().newPage()
  const clause = `第%条　甲乙双方同意以电子签名签署本协议，电子签名与手写签名具有同等法律效力。
    任何一方不得因采用数据电文形式而否认其效力。双方确认签署日期以签名所载时间为准。`
  const clauses = Array.from(
    { length: 14 },
    (_, index) => `<p>${clause.replace('%', `${index + 1}`)}</p>`,
  ).join('')
  await page.setContent(`<!doctype html><html lang="zh-CN"><title>${title}</title><style>
    body { font: 12pt/2 'Noto Serif CJK SC', serif; margin: 22mm 20mm }
    h1 { text-align: center; font-size: 20pt } p { text-indent: 2em }
    footer { display: flex; justify-content: space-between; margin-top: 20mm }</style>
    <h1>${title}</h1>${clauses}<footer><span>甲方（签章）：</span><span>乙方（签章）：</span></footer></html>`)
  const file = await page.pdf({ format: 'A4' })
  await page.close()
  return file
}

/** A photograph of the business licence, its code in the corner as on real ones. */
export async function licence(pc: Pc, firm: Firm): Promise<Buffer> {
  const code = await toDataURL(
    `统一社会信用代码：${firm.creditCode}\r\n名称：${firm.name}\r\n国家企业信用信息公示系统网址：http://www.gsxt.gov.cn`,
    { width: 260, margin: 2 },
  )
  return photograph(
    pc,
    `<img src="${code}" style="position:absolute;top:60px;right:70px;width:260px"><h1>营业执照</h1>
     <p>名　　称　${firm.name}</p><p>统一社会信用代码　${firm.creditCode}</p>`,
  )
}

/** A photograph of a stamped page. */
export function stampedPage(pc: Pc, title: string): Promise<Buffer> {
  return photograph(
    pc,
    `<h1>${title}</h1><p>以上内容真实、准确、完整。</p><svg width="300" height="300" style="position:absolute;right:160px;bottom:120px">
     <circle cx="150" cy="150" r="140" fill="none" stroke="#c8321f" stroke-width="8"/></svg>`,
  )
}

async function photograph(pc: Pc, content: string): Promise<Buffer> {
  const page = await pc.page.context().newPage()
  await page.setViewportSize({ width: 1200, height: 850 })
  await page.setContent(`<!doctype html><html lang="zh-CN"><style>
    body { position: relative; height: 850px; margin: 0; background: #f8f2e0; font: 30px/2 'Noto Serif CJK SC', serif }
    h1 { margin: 0; padding: 60px 0 40px; text-align: center; font-size: 64px } p { margin: 0 80px }</style>${content}</html>`)
  const picture = await page.screenshot({ type: 'jpeg', quality: 90 })
  await page.close()
  return picture
}
