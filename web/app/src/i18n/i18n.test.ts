import { expect, it } from 'vitest'
import en from './en'
import zh from './zh-CN'

type Tree = { [key: string]: string | Tree }

function leaves(tree: Tree, path = ''): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string'
      ? [[`${path}${key}`, value] as [string, string]]
      : leaves(value, `${path}${key}.`),
  )
}

const holes = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort()

it('both languages have the same texts with the same gaps to fill', () => {
  const english = new Map(leaves(en))
  for (const [key, text] of leaves(zh)) {
    expect(english.has(key), key).toBe(true)
    expect(new Set(holes(english.get(key) ?? '')), key).toEqual(new Set(holes(text)))
  }
  expect(english.size).toBe(leaves(zh).length)
})

it('no text holds a character that the message format would take for itself', () => {
  for (const [key, text] of [...leaves(zh), ...leaves(en)]) expect(text, key).not.toMatch(/[@|]/)
})
