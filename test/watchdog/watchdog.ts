import { setTimeout as pause } from 'node:timers/promises'
import { Activity, childrenOf, commandOf, isNode } from './activity.mjs'
import { outputs, telling } from './processes.mjs'
import { describeWaiting } from './waiting.mjs'

export interface WatchdogOptions {
  /** How long nothing may move, in seconds. */
  readonly limit: number
  /** Is told, once, what everybody waits for. */
  readonly onStandstill: (report: string) => void
}

// A test may have put others in their place.
const { setInterval, clearInterval } = globalThis

/** Watches this process, and those that it starts, for a standstill. Returns how to end the watch. */
export function watch({ limit, onStandstill }: WatchdogOptions): () => void {
  const activity = new Activity()
  activity.sample()
  let still = 0
  const timer = setInterval(() => {
    still = activity.sample() ? 0 : still + 1
    if (still < limit) return
    clearInterval(timer)
    report(limit).then(onStandstill)
  }, 1000).unref()
  return () => clearInterval(timer)
}

async function report(limit: number): Promise<string> {
  const lines = [`for ${limit} s no byte has moved, no timer has run out and nothing was said. This process waits for:`]
  lines.push(...describeWaiting().map((line) => `  ${line}`))
  const children = childrenOf(process.pid)
  for (const pid of children) {
    const words = commandOf(pid)
    const tells = isNode(pid) && words.includes(telling[1])
    lines.push(`  process ${pid}: ${words.join(' ').slice(0, 300)}${tells ? ', which says on its stderr what it waits for' : ''}`)
    if (tells) process.kill(pid, 'SIGUSR2')
  }
  // For what they say to arrive.
  if (children.length > 0) await pause(500)
  for (const [name, output] of outputs)
    lines.push(
      `${name} has said:`,
      ...output()
        .slice(-4000)
        .split('\n')
        .map((line) => `  ${line}`),
    )
  return lines.join('\n')
}
