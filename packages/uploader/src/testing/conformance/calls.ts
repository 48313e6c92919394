import { setTimeout as realTime } from 'node:timers/promises'
import { instant, later, type Sha256 } from '@stagegate/schema'
import type { Call } from '../../contract/capabilities.js'
import { shownAnswer } from '../../contract/checked-repository.js'
import { contentOf } from '../bytes.js'
import { ConformanceError } from './conformance-error.js'

/** How a call ended. */
export type Ended<T> = { readonly how: 'returned'; readonly answer: T } | { readonly how: 'threw'; readonly error: unknown }

/** How patient a case is, and the names in its messages. */
export interface CallsParts {
  readonly promise: string
  readonly name: string
  /** How long a call may take, in milliseconds. */
  readonly patience: number
  /** How long what was written may stay unseen, in milliseconds. */
  readonly seenWithin: number
}

/** The calls of a case: each has an end, and a failure names it. */
export class Calls {
  readonly #parts: CallsParts

  constructor(parts: CallsParts) {
    this.#parts = parts
  }

  call(signal: AbortSignal = new AbortController().signal): Call {
    return { signal, deadline: later(instant(Date.now()), this.#parts.patience / 1000) }
  }

  /** Ends at the latest when its time is over. */
  async ended<T>(method: string, running: Promise<T>): Promise<Ended<T>> {
    const { patience } = this.#parts
    const over = new AbortController()
    const late = realTime(patience, undefined, { signal: over.signal }).then(
      () => this.fail(method, `has not ended after ${patience / 1000} s`, 'that every call has an end'),
      () => new Promise<never>(() => undefined),
    )
    try {
      return await Promise.race([
        running.then(
          (answer) => ({ how: 'returned', answer }) as const,
          (error: unknown) => ({ how: 'threw', error }) as const,
        ),
        late,
      ])
    } finally {
      over.abort()
    }
  }

  /** Fails unless the call threw. */
  async throws(method: string, running: Promise<unknown>, expected: string): Promise<unknown> {
    const ended = await this.ended(method, running)
    return ended.how === 'threw' ? ended.error : this.fail(method, saidOf(ended), expected)
  }

  /** Asks again until it is as it should be, as long as a server may take to show what it has. */
  async settled<T>(ask: () => Promise<T>, isRight: (answer: T) => boolean): Promise<T> {
    const until = performance.now() + this.#parts.seenWithin
    for (;;) {
      const answer = await ask()
      if (isRight(answer) || performance.now() > until) return answer
      await realTime(20)
    }
  }

  fail(method: string, came: string, expected: string, cause?: unknown): never {
    const { promise, name } = this.#parts
    throw new ConformanceError({ promise, repository: name, method, came, expected, cause })
  }
}

/** A call's end, for a message. */
export function saidOf(ended: Ended<unknown>): string {
  if (ended.how === 'returned') return `returned ${shownAnswer(ended.answer)}`
  return `threw ${ended.error instanceof Error ? `${ended.error.name}: ${ended.error.message.split('\n', 1)[0]}` : shownAnswer(ended.error)}`
}

export function causeOf(ended: Ended<unknown>): unknown {
  return ended.how === 'threw' ? ended.error : undefined
}

export function bytesSaid(data: Buffer): string {
  const { sha256, size }: { sha256: Sha256; size: number } = contentOf(data)
  return `${size} bytes with the sha256 ${sha256.slice(0, 12)}…`
}
