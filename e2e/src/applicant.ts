// People who apply through the platform's own API, for journeys that need several and are not about phones.
import { PNG } from 'pngjs'
import { someone, type Person } from './people.ts'
import type { Stack } from './stack.ts'

export interface Applicant {
  person: Person
  /** Asks the platform as this person. */
  call(method: string, path: string, body?: unknown): Promise<Response>
}

/** A person who is registered and whose name is verified. */
export async function applicant(stack: Stack): Promise<Applicant> {
  const person = someone()
  const jar = new Map<string, string>()
  async function call(method: string, path: string, body?: unknown): Promise<Response> {
    const octets = body instanceof Uint8Array
    const answer = await fetch(new URL(path, stack.platform), {
      method,
      redirect: 'manual',
      headers: {
        cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; '),
        ...(body !== undefined && { 'content-type': typeOf(body) }),
      },
      body: octets || typeof body === 'string' ? (body as BodyInit) : JSON.stringify(body),
    })
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (name) jar.set(name, value ?? '')
    }
    if (answer.status >= 400) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
    return answer
  }
  await call('POST', '/api/login-codes', { phone: person.phone })
  const outbox = (await (await call('GET', '/api/sandbox/sms')).json()) as {
    items: { phone: string; code?: string }[]
  }
  const code = outbox.items.find((item) => item.phone === person.phone)?.code
  await call('POST', '/api/sessions', { phone: person.phone, code, agreed: true })
  const claim = { name: person.name, id_number: person.idNumber, return_url_path: '/verify/done' }
  const started = (await (await call('POST', '/api/identity/verifications', claim)).json()) as {
    id: string
    redirect_url: string
  }
  await call('POST', new URL(started.redirect_url).pathname, 'outcome=passed')
  await call('GET', `/api/identity/verifications/${started.id}`)
  return { person, call }
}

function typeOf(body: unknown): string {
  if (body instanceof Uint8Array) return 'image/png'
  return typeof body === 'string' ? 'application/x-www-form-urlencoded' : 'application/json'
}

/** Hands in an application with a signature at this institution. */
export async function handIn(one: Applicant, slug: string): Promise<string> {
  const list = (await (await one.call('GET', '/api/institutions')).json()) as {
    items: { id: string; slug: string; products: { id: string; kind: string }[] }[]
  }
  const institution = list.items.find((item) => item.slug === slug)
  const product = institution?.products.find((item) => item.kind === 'personal_certificate')
  const draft = await one.call('POST', '/api/applications', { kind: 'personal_certificate' })
  const { id } = (await draft.json()) as { id: string }
  await one.call('PATCH', `/api/applications/${id}`, {
    institution_id: institution?.id,
    product_id: product?.id,
  })
  await one.call('PUT', `/api/applications/${id}/materials/signature`, signature())
  await one.call('POST', `/api/applications/${id}/submission`)
  return id
}

/** A wave of ink on a transparent ground. */
function signature(): Uint8Array {
  const picture = new PNG({ width: 360, height: 160 })
  for (let x = 20; x < 340; x++) {
    const middle = 80 + Math.round(45 * Math.sin(x / 22) * Math.cos(x / 61))
    for (let y = middle - 4; y <= middle + 4; y++) {
      const at = (y * 360 + x) * 4
      picture.data.set([20, 30, 40, 255], at)
    }
  }
  return new Uint8Array(PNG.sync.write(picture))
}
