/** Which login passwords will do. The platform decides the same again. */

const POPULAR = [
  'password',
  'passw0rd',
  'qwerty',
  '1qaz2wsx',
  'qazwsx',
  'abc123',
  'a123456',
  '123456a',
  'woaini',
  'iloveyou',
  'admin123',
  'aa123456',
  'zxcvbn',
  'asdfgh',
  'guiqian',
  '111111',
]

export type PasswordWeakness = 'LENGTH' | 'CONTROL' | 'KINDS' | 'PHONE' | 'POPULAR'

/** Why a password will not do. The number may be unknown to this page. */
export function passwordWeakness(password: string, phone = ''): PasswordWeakness | undefined {
  const characters = [...password]
  if (characters.length < 8 || characters.length > 64) return 'LENGTH'
  if (/\p{Cc}/u.test(password)) return 'CONTROL'
  const kinds = [/\p{Alphabetic}/u, /[0-9]/, /[^\p{Alphabetic}0-9]/u].filter((kind) => kind.test(password))
  if (kinds.length < 2) return 'KINDS'
  const lower = password.toLowerCase()
  if (phone.length === 11 && lower.includes(phone.slice(5))) return 'PHONE'
  const popular = POPULAR.some((word) => lower.includes(word) && characters.length < word.length + 4)
  if (popular || new Set(lower).size < 4) return 'POPULAR'
  return undefined
}
