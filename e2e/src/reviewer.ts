// The reviewer's work through the console's own API, for journeys that are not about the console.
import type { Stack } from './stack.ts'

interface Waiting {
  id: string
  version: number
  subject_name: string
}

interface Login {
  username: string
  password: string
}

type Call = (path: string, body?: object) => Promise<Response>

async function loggedIn(stack: Stack, login: Login): Promise<Call> {
  let cookie = ''
  const call: Call = async (path, body) => {
    const answer = await fetch(`${stack.platform}/api/console/${path}`, {
      method: body ? 'POST' : 'GET',
      headers: { cookie, ...(body && { 'content-type': 'application/json' }) },
      body: body && JSON.stringify(body),
    })
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
    return answer
  }
  const cookies = (await call('sessions', login)).headers.getSetCookie()
  cookie = cookies.map((line) => line.split(';')[0]).join('; ')
  return call
}

/** Makes a reviewer of an institution. */
export async function reviewerOf(stack: Stack, slug: string): Promise<Login> {
  const call = await loggedIn(stack, stack.reviewer())
  const list = (await (await fetch(`${stack.platform}/api/institutions`)).json()) as {
    items: { id: string; slug: string }[]
  }
  const institution = list.items.find((one) => one.slug === slug)
  const username = `reviewer-${Date.now() % 1e8}`
  const made = await call('reviewers', {
    username,
    name: '覃复核',
    role: 'reviewer',
    institution_id: institution?.id,
  })
  return { username, password: ((await made.json()) as { password: string }).password }
}

/** Approves the application of a person by name. */
export async function approveFor(
  stack: Stack,
  name: string,
  login: Login = stack.reviewer(),
  state = 'with_reviewer',
): Promise<void> {
  const call = await loggedIn(stack, login)
  const { items } = (await (await call(`applications?state=${state}`)).json()) as { items: Waiting[] }
  const [found, ...others] = items.filter((item) => item.subject_name === name)
  if (!found || others.length)
    throw new Error(`${items.length} wait, ${found ? 'several' : 'none'} of ${name}`)
  await call(`applications/${found.id}/approval`, { version: found.version })
}
