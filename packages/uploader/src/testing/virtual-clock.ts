import { setMaxListeners } from 'node:events'
import { setTimeout as realTime } from 'node:timers/promises'
import { instant } from '@stagegate/schema'
import type { Clock } from '../contract/clock.js'

/** A clock whose waits take no time, and which remembers them. The wait that ends first goes on first. */
export interface VirtualClock extends Clock {
  /** The milliseconds of each wait, in the order in which they ended. */
  readonly waits: readonly number[]
  /** Lets time pass without waiting for it. */
  advance(milliseconds: number): void
  /** Work that the clock cannot see, such as another process: no time passes before it is done. It must not wait for this clock. */
  during<T>(work: Promise<T>): Promise<T>
}

/** Where a clock for tests begins, and how long it waits for real work. */
export interface VirtualClockOptions {
  /** @default 2026-01-31T12:00:00.000Z */
  readonly start?: string | undefined
  /** How long real work may be under way while everything else waits for the clock, in real milliseconds. @default 10,000 */
  readonly patience?: number | undefined
}

interface Sleeper {
  readonly until: number
  readonly milliseconds: number
  wake(): void
  fail(error: Error): void
}

/** How often the loop must come around before open connections count as silent: nobody else sees bytes between two of them. */
const silence = 100

/**
 * A clock for tests: nothing sleeps in earnest, and no test passes by accident. Time passes only when nothing else can happen: files,
 * names and connections that Node has under way go on first. One wait ends at a time, the nearest first, so the long sleep of a watchdog
 * never ends before a shorter one.
 *
 * Waits reject where real work does not end while everything else waits for the clock.
 *
 * @example
 * const clock = virtualClock()
 * await release({ …, clock })
 * expect(clock.waits).toEqual([1000, 2000])
 */
export function virtualClock(options: VirtualClockOptions | string = {}): VirtualClock {
  const { start = '2026-01-31T12:00:00.000Z', patience = 10_000 } = typeof options === 'string' ? { start: options } : options
  let now = Date.parse(start)
  let works = 0
  const waits: number[] = []
  const sleepers = new Set<Sleeper>()
  let running = false
  const run = async () => {
    while (sleepers.size > 0) {
      const pending = await quiet(() => works, patience)
      if (pending !== undefined) {
        const error = stuck([...sleepers], pending)
        for (const sleeper of sleepers) sleeper.fail(error)
        sleepers.clear()
        break
      }
      const [first] = [...sleepers].sort((a, b) => a.until - b.until)
      if (first === undefined) break
      sleepers.delete(first)
      now = Math.max(now, first.until)
      waits.push(first.milliseconds)
      first.wake()
    }
    running = false
  }
  return {
    waits,
    now: () => instant(now),
    advance: (milliseconds) => {
      now += milliseconds
    },
    async during(work) {
      works++
      try {
        return await work
      } finally {
        works--
      }
    },
    sleep: (milliseconds, signal) =>
      new Promise((resolve, reject) => {
        signal.throwIfAborted()
        // Many waits of one call at once are no leak.
        setMaxListeners(0, signal)
        const stop = () => {
          sleepers.delete(sleeper)
          reject(signal.reason)
        }
        const end = (over: () => void) => {
          signal.removeEventListener('abort', stop)
          over()
        }
        const sleeper: Sleeper = {
          until: now + milliseconds,
          milliseconds,
          wake: () => end(resolve),
          fail: (error) => end(() => reject(error)),
        }
        sleepers.add(sleeper)
        signal.addEventListener('abort', stop, { once: true })
        if (running) return
        running = true
        void run()
      }),
  }
}

/** Waits until nothing real is under way; returns what still is after that many milliseconds. */
async function quiet(works: () => number, patience: number): Promise<readonly string[] | undefined> {
  const since = performance.now()
  for (let pause = 0; ; pause = 1) {
    // Lets whatever else is going on go on, as a real wait does.
    await turn()
    if (pause > 0) await realTime(pause)
    const pending = underWay(works())
    if (pending.length === 0) {
      if (!process.getActiveResourcesInfo().includes('TCPSocketWrap') || (await staysQuiet(works))) return undefined
    }
    if (performance.now() - since > patience) return pending
  }
}

async function staysQuiet(works: () => number): Promise<boolean> {
  for (let count = 0; count < silence; count++) {
    if (count === silence / 2) await realTime(1)
    await turn()
    if (underWay(works()).length > 0) return false
  }
  return true
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** Requests to the system, such as `FSReqPromise` and `TCPConnectWrap`; and what the test told of. */
function underWay(works: number): readonly string[] {
  const requests = process
    .getActiveResourcesInfo()
    .filter((name) => /(?:Req(?:Promise|Callback|Wrap)?|ConnectWrap|WriteWrap|ShutdownWrap)$/.test(name))
  return [...requests, ...Array.from({ length: works }, () => 'work given to during()')]
}

function stuck(sleepers: readonly Sleeper[], pending: readonly string[]): Error {
  const waits = sleepers.map(({ milliseconds }) => `${milliseconds} ms`).join(', ')
  return new Error(
    `The virtual clock stands still: ${[...new Set(pending)].join(', ') || 'real work'} does not end, and everything else only waits (${waits}). ` +
      'Time passes when no real work is under way. End that work in the test, and give nothing to during() that itself waits for this clock.',
  )
}
