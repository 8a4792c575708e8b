// The two programs as child processes on free ports, with a folder that survives a restart and goes at the end.
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { platformProgram, tradeProgram } from './environment.ts'

export class Stack {
  readonly data = mkdtempSync(join(tmpdir(), 'guiqian-e2e-'))
  platform = ''
  trade = ''
  private platformProcess?: ChildProcess
  private tradeProcess?: ChildProcess

  static async start(): Promise<Stack> {
    const stack = new Stack()
    await stack.startPlatform('127.0.0.1:0')
    const started = await start(tradeProgram, [
      ...['serve', '--data', join(stack.data, 'trade'), '--listen', '127.0.0.1:0'],
      ...['--platform', stack.platform, '--credentials', join(stack.data, 'relying-party.json')],
    ])
    stack.tradeProcess = started.process
    stack.trade = started.address
    await healthy(`${stack.trade}/api/session`)
    return stack
  }

  /** The name and password that the first start made up. */
  reviewer(): { username: string; password: string } {
    const text = readFileSync(join(this.data, 'bootstrap.txt'), 'utf8')
    const password = /password"?\s*[:=]?\s*"?([^\s"]+)/i.exec(text)?.[1] ?? text.trim().split(/\s+/).at(-1)
    if (!password) throw new Error('bootstrap.txt has no password')
    return { username: 'reviewer', password }
  }

  /** As a power cut would end it. */
  killPlatform(): Promise<void> {
    return end(this.platformProcess, 'SIGKILL')
  }

  async startPlatform(listen = new URL(this.platform).host): Promise<void> {
    const started = await start(platformProgram, [
      'serve',
      '--sandbox',
      '--data',
      this.data,
      '--listen',
      listen,
    ])
    this.platformProcess = started.process
    this.platform = started.address
    await healthy(`${this.platform}/api/health`)
  }

  async stop(): Promise<void> {
    await end(this.tradeProcess, 'SIGTERM')
    await end(this.platformProcess, 'SIGTERM')
    rmSync(this.data, { recursive: true, force: true })
  }
}

async function start(program: string, words: string[]): Promise<{ process: ChildProcess; address: string }> {
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })
  const address = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${program} did not start in 60 s`)), 60_000)
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`${program} ended with ${code}`)))
    lines.on('line', (line) => {
      const listening = /"listening"\s*:\s*"([^"]+)"/.exec(line)?.[1]
      if (!listening) return
      clearTimeout(timer)
      resolve(listening.replace(/\/$/, ''))
    })
  })
  return { process: child, address }
}

async function end(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill(signal)
  const hard = setTimeout(() => child.kill('SIGKILL'), 5_000)
  await ended
  clearTimeout(hard)
}

async function healthy(url: string): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt++) {
    const answer = await fetch(url).catch(() => undefined)
    if (answer?.ok) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`${url} is not healthy`)
}
