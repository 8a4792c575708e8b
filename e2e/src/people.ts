// Test persons: well-formed, and plainly not real.
import { randomInt } from 'node:crypto'

export interface Person {
  name: string
  phone: string
  idNumber: string
  pin: string
}

const FAMILY = [...'韦覃黄农陆蒙莫梁']
const GIVEN = ['桂芳', '江月', '漓', '邕平', '山水', '木兰']

export function someone(): Person {
  return {
    name: FAMILY[randomInt(FAMILY.length)]! + GIVEN[randomInt(GIVEN.length)]!,
    phone: `139${String(randomInt(100_000_000)).padStart(8, '0')}`,
    idNumber: idNumber(),
    pin: '730962',
  }
}

/** GB 11643: region, birth date, sequence, check character. */
function idNumber(): string {
  const year = randomInt(1965, 2000)
  const month = String(randomInt(1, 13)).padStart(2, '0')
  const day = String(randomInt(1, 29)).padStart(2, '0')
  const body = `450103${year}${month}${day}${String(randomInt(1, 1000)).padStart(3, '0')}`
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
  const sum = weights.reduce((total, weight, index) => total + weight * Number(body[index]), 0)
  return body + '10X98765432'[sum % 11]
}
