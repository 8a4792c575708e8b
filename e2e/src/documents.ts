// Something to sign: a two-page agreement with Chinese text, printed to PDF by the browser itself.
import type { Pc } from './pc.ts'

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
