/** Checks that can be made on the phone before anything is sent. The server makes them again. */

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
const CHECK = '10X98765432'

/** GB 11643: 17 digits with a real date of birth and the ISO 7064 MOD 11-2 check character. */
export function isIdNumber(text: string): boolean {
  const id = text.toUpperCase()
  if (!/^\d{17}[\dX]$/.test(id)) return false
  const [year, month, day] = [Number(id.slice(6, 10)), Number(id.slice(10, 12)), Number(id.slice(12, 14))]
  const born = new Date(Date.UTC(year, month - 1, day))
  const real = born.getUTCFullYear() === year && born.getUTCMonth() === month - 1 && born.getUTCDate() === day
  if (!real || year < 1900) return false
  const sum = WEIGHTS.reduce((acc, weight, i) => acc + weight * Number(id[i]), 0)
  return CHECK[sum % 11] === id[17]
}

/** A mobile number of the mainland: 11 digits beginning with 1. */
export function isPhone(text: string): boolean {
  return /^1[3-9]\d{9}$/.test(text)
}

/** A name as identity cards carry it: no digits, at least two characters, the middle dot of minority names allowed. */
export function isRealName(text: string): boolean {
  return (
    /^[\p{L}\p{M}]+(?:[·・.\s'-][\p{L}\p{M}]+)*$/u.test(text) &&
    [...text].length >= 2 &&
    [...text].length <= 50
  )
}

/** Digits only, at most `length` of them: what a number field keeps of what was typed or pasted. */
export function digitsOf(text: string, length: number): string {
  return text.replace(/\D/g, '').slice(0, length)
}
