// The browser tests' own timing report: target/artifacts/timings.json, medians of what was measured.
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { artifacts, benchFile } from './environment.ts'

const samples = new Map<string, number[]>()

export function record(name: string, value: number): void {
  samples.set(name, [...(samples.get(name) ?? []), value])
  mkdirSync(artifacts, { recursive: true })
  const report = [...samples].map(([key, values]) => ({
    name: key,
    value: median(values),
    unit: 'ms',
    samples: values,
  }))
  writeFileSync(join(artifacts, 'timings.json'), JSON.stringify(report, null, 2) + '\n')
}

/** One line for `cargo xtask bench`. */
export function publish(name: string, value: number, unit: string): void {
  const line = JSON.stringify({ name, value, unit })
  console.log(line)
  if (benchFile) appendFileSync(benchFile, line + '\n')
}

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
