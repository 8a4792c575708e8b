// The reviewer's work through the console's own API, for journeys that are not about the console.
import type { Stack } from './stack.ts'

interface Waiting {
  id: string
  version: number
  subject_name: string
}

/** Approves the application of a person by name. */
export async function approveFor(stack: Stack, name: string): Promise<void> {
  const call = async (path: string, cookie: string, body?: object): Promise<Response> => {
    const answer = await fetch(`${stack.platform}/api/console/${path}`, {
      method: body ? 'POST' : 'GET',
      headers: { cookie, ...(body && { 'content-type': 'application/json' }) },
      body: body && JSON.stringify(body),
    })
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
    return answer
  }
  const login = await call('sessions', '', stack.reviewer())
  const cookie = login.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ')
  const { items } = (await (await call('applications?state=with_reviewer', cookie)).json()) as {
    items: Waiting[]
  }
  const found = items.find((item) => item.subject_name === name)
  if (!found) throw new Error(`no application of ${name} waits`)
  await call(`applications/${found.id}/approval`, cookie, { version: found.version })
}
