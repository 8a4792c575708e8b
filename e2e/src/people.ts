// Test persons: well-formed, and plainly not real.
import { randomInt } from 'node:crypto'

export interface Person {
  name: string
  phone: string
  idNumber: string
  pin: string
}

const FAMILY = [...'韦覃黄农陆蒙莫梁']
// So many that two persons of one run are hardly ever called the same: reviewers find them by their names.
const GIVEN = [...'桂芳江月漓邕平山水木兰春秋云霞松柏梅竹清明安宁思远文华国强志勇秀英']

function oneOf<T>(list: readonly T[]): T {
  return list[randomInt(list.length)]!
}

export function someone(): Person {
  return {
    name: oneOf(FAMILY) + oneOf(GIVEN) + oneOf(GIVEN),
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

export interface Firm {
  name: string
  creditCode: string
}

const BRANCHES = ['生态环境', '交通建设', '水利水电', '智慧城市']

/** An enterprise that is plainly not real, with a long name as they have. */
export function someFirm(): Firm {
  const branch = oneOf(BRANCHES)
  const number = randomInt(1_000_000)
  return {
    name: `广西壮族自治区桂林演示${branch}工程设计咨询集团第${number}有限责任公司`,
    creditCode: creditCode(),
  }
}

/** GB 32100: department, kind, region, organisation, check character. */
function creditCode(): string {
  const characters = '0123456789ABCDEFGHJKLMNPQRTUWXY'
  const organisation = Array.from({ length: 9 }, () => oneOf([...characters])).join('')
  const body = `91450300${organisation}`
  const sum = [...body].reduce(
    (total, character, index) => total + characters.indexOf(character) * (3 ** index % 31),
    0,
  )
  return body + characters[(31 - (sum % 31)) % 31]
}
