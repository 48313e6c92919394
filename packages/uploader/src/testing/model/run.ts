import type { TransferEvent } from '../../transfer/event.js'
import { virtualTime } from './time.js'

/** What a run has done at one place of one server, and heard there, in order. */
export type Happened =
  | { readonly is: 'absent' | 'unknown' | 'gone' | 'undigested' }
  /** The digest that the server said, or that what was read back has. */
  | { readonly is: 'seen'; readonly sha256: string }
  | { readonly is: 'sending' | 'accepted' | 'accepted-unread' | 'exists' | 'refused' | 'ambiguous' | 'put-off' }

/** Something that happens to a run at one of its points: whenever it asks something, gives a chunk, is answered, or tells an event. */
export interface Meanwhile {
  readonly at: number
  readonly act: (run: Run) => void
}

/** The process was killed: nothing that it would still do happens. */
export class Killed extends Error {}

/** One process that stages or publishes, as its servers see it. */
export class Run {
  readonly controller = new AbortController()
  readonly events: TransferEvent[] = []
  /** Servers that did something wrong in its time. */
  readonly wronged = new Set<string>()
  /** Somebody took away, meanwhile, what is staged. */
  bereft = false
  /** Bytes that a server got from it, by place. */
  readonly received = new Map<string, number>()
  readonly violations: string[]
  dead = false
  stopped = false
  readonly #traces = new Map<string, Happened[]>()
  readonly #windows = new Map<string, { said: number; until: number }>()
  readonly #under = new Map<string, number>()
  readonly #meanwhile: readonly Meanwhile[]
  readonly #limit: number
  #points = 0

  constructor(meanwhile: readonly Meanwhile[], limit: number, violations: string[]) {
    this.#meanwhile = meanwhile
    this.#limit = limit
    this.violations = violations
  }

  trace(server: string, place: string): Happened[] {
    const key = `${server} ${place}`
    const trace = this.#traces.get(key) ?? []
    this.#traces.set(key, trace)
    return trace
  }

  /** @throws {Killed} */
  point(): void {
    this.#points++
    for (const { at, act } of this.#meanwhile) if (at === this.#points) act(this)
    if (this.dead) throw new Killed('killed')
  }

  kill(): void {
    this.dead = true
    // So that what is left of it does not wait for ever.
    this.controller.abort(new Killed('killed'))
  }

  stop(): void {
    this.stopped = true
    this.controller.abort(new Error('stopped by SIGTERM'))
  }

  violated(what: string): void {
    if (!this.dead) this.violations.push(what)
  }

  /**
   * It asks a host for something: not while the host wants to be left alone, and not for too much at once.
   * @returns what is to be called when the answer is there
   */
  asks(host: string, { counts, begun }: { readonly counts: boolean; readonly begun: boolean }): () => void {
    const now = virtualTime.now
    const window = this.#windows.get(host)
    if (!begun && window !== undefined && now > window.said && now < window.until)
      this.violated(`${host} was asked while it wanted to be left alone`)
    if (this.stopped) this.violated(`${host} was asked after the run was told to stop`)
    if (!counts) return () => undefined
    const under = (this.#under.get(host) ?? 0) + 1
    this.#under.set(host, under)
    if (under > this.#limit) this.violated(`${under} requests were under way at ${host} at once`)
    return () => this.#under.set(host, (this.#under.get(host) ?? 0) - 1)
  }

  leaveAlone(host: string, until: number): void {
    this.#windows.set(host, { said: virtualTime.now, until: Math.max(until, this.#windows.get(host)?.until ?? 0) })
  }
}

/** Statements 3 and 9, about what came before an upload. What is wrong with it, if anything is. */
export function wrongToSend(trace: readonly Happened[]): string | undefined {
  const kinds = trace.map(({ is }) => is)
  // A wish to be asked later, and nothing was done: what was seen before still counts.
  while (kinds.at(-1) === 'put-off') kinds.splice(-2)
  if (kinds.at(-1) === 'sending') return 'it is being sent already'
  if (kinds.at(-1) !== 'absent') return `after "${kinds.at(-1) ?? 'nothing'}"`
  const settled = kinds.find((is) => is === 'accepted' || is === 'exists' || is === 'refused')
  if (settled !== undefined) return `though the server had said "${settled}"`
  const ambiguous = Math.max(kinds.lastIndexOf('ambiguous'), kinds.lastIndexOf('accepted-unread'))
  const looks = kinds.slice(ambiguous + 1).filter((is) => is === 'absent').length
  if (ambiguous >= 0 && looks < 2) return `after an ambiguous answer and ${looks} look`
  return undefined
}
