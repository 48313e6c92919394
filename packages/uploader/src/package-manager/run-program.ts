import { spawn } from 'node:child_process'
import { UsageError } from '@stagegate/schema'
import type { Call } from '../contract/capabilities.js'
import { quote } from '../contract/quote.js'
import { atExit } from './at-exit.js'

/** The end of a program. */
export interface Ended {
  /** Its exit code; `null` where a signal ended it. */
  readonly code: number | null
  /** The end of what it wrote to its standard output. */
  readonly output: string
  /** The end of all that it said, on one line, for a message. */
  readonly words: string
}

/** A call of a program. */
export interface Program {
  readonly name: string
  readonly words: readonly string[]
  /** All of its environment: it sees none of this process's variables. */
  readonly env: Readonly<Record<string, string>>
  /** The folder that it works in. */
  readonly cwd: string
}

/** How much of its output is kept, and quoted, in characters. */
const kept = 4096
const quoted = 600

/**
 * Runs a program to its end, which is the call's end at the latest: it is killed then, with all that it started.
 * @throws {UsageError} there is no such program on this machine
 * @throws the call's reason, where the call is over
 */
export async function runProgram({ name, words, env, cwd }: Program, { signal }: Pick<Call, 'signal'>): Promise<Ended> {
  signal.throwIfAborted()
  const child = spawn(name, words, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  const kill = () => killGroup(child.pid)
  let [output, said] = ['', '']
  const hear = (text: string) => {
    said = (said + text).slice(-kept)
  }
  child.stderr.setEncoding('utf8').on('data', hear)
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output = (output + text).slice(-kept)
    hear(text)
  })
  signal.addEventListener('abort', kill, { once: true })
  const leave = atExit(kill)
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', (error: NodeJS.ErrnoException) => reject(error.code === 'ENOENT' ? notHere(name) : error))
      child.once('close', resolve)
    })
    signal.throwIfAborted()
    // The last words tell why it failed.
    return { code, output, words: quote(withoutAccounts(said).slice(-quoted), withoutAccounts, quoted) }
  } finally {
    signal.removeEventListener('abort', kill)
    leave()
    // Something that it left behind holds no file of ours any longer.
    kill()
  }
}

/** @throws {UsageError} always called for a program that is missing */
export function notHere(name: string): UsageError {
  return new UsageError({
    code: 'usage/package-manager',
    what: `${name} is not installed on this machine`,
    next: `Run this in an image that has ${name} and Node, such as Debian’s for apt-get, or one of Red Hat’s with Node for dnf. Nothing was verified.`,
  })
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // All of it has ended.
  }
}

/** A proxy's address can have an account in it. */
function withoutAccounts(text: string): string {
  return text.replaceAll(/\/\/[^\s/@]*@/g, '//[redacted]@')
}
