import { type Problem, StagegateError } from '@stagegate/schema'
import { answerOf, causeOf, withDeadline } from '../contract/call.js'
import type { Item, PublicRepository, Written } from '../contract/capabilities.js'
import { problemOf } from '../contract/problem.js'
import { PutOff } from '../contract/put-off.js'
import type { Host, OnWait } from './host.js'
import { type Timing, waitBefore } from './limits.js'
import { untilIn } from './look.js'

/** An artifact that is at its destination, but not listed in the index there. */
export interface Unlisted {
  readonly item: Item
  readonly repository: PublicRepository
  readonly host: Host
  readonly onWait: OnWait
}

/** The result of a listing for one artifact. */
export type ListingResult = { readonly written: Written } | { readonly failed: unknown }

interface Waiting extends Unlisted {
  readonly done: (result: ListingResult) => void
}

/**
 * Collects the artifacts for the indices of one repository, and lists all of them at once when no more are expected: users see a complete
 * release, and an index changes once per run.
 */
export class Listing {
  #toCome: number
  #waiting: Waiting[] = []

  /** @param toCome the artifacts that may have to be listed */
  constructor(toCome: number) {
    this.#toCome = toCome
  }

  /** This one no longer needs listing. */
  leave(timing: Timing): void {
    this.#toCome--
    this.#beginIfAllWait(timing)
  }

  /** Lists it together with all others. Never rejects. */
  join(one: Unlisted, timing: Timing): Promise<ListingResult> {
    return new Promise((done) => {
      this.#waiting.push({ ...one, done })
      this.#beginIfAllWait(timing)
    })
  }

  #beginIfAllWait(timing: Timing): void {
    if (this.#waiting.length === 0 || this.#waiting.length < this.#toCome) return
    const all = this.#waiting
    this.#waiting = []
    list(all, timing).then(
      (written) => {
        for (const [index, { done }] of all.entries()) done({ written: written[index] ?? { outcome: 'refused', because: unanswered } })
      },
      (failed: unknown) => {
        for (const { done } of all) done({ failed })
      },
    )
  }
}

const unanswered: Problem = { code: 'repository/unexpected-answer', message: 'list() did not answer for each item.' }

/** Tries again as long as other writers are faster: each time, one of them has made progress. */
async function list(all: readonly Waiting[], timing: Timing): Promise<readonly Written[]> {
  const { clock, limits, random, signal } = timing
  const [first] = all
  if (first === undefined) return []
  const { repository, host, onWait } = first
  const items = all.map(({ item }) => item)
  for (let turn = 1; ; turn++) {
    signal.throwIfAborted()
    const { answer, because } = await host.visit(signal, onWait, () => ask(repository, items, host, timing))
    if (answer.outcome === 'done') return answer.written
    if (turn >= limits.turns) throw new StagegateError({ code: because.code, what: because.message, next: 'Run the job again.' })
    // A short wait even after many turns: the others wait no longer.
    const soon = waitBefore(Math.min(turn, 3), limits, random)
    const wait = Math.max(answer.until === undefined ? 0 : Date.parse(answer.until) - Date.parse(clock.now()), 0) + soon
    onWait(wait, because, host.name)
    await clock.sleep(wait, signal)
  }
}

async function ask(repository: PublicRepository, items: readonly Item[], host: Host, { clock, limits, signal }: Timing) {
  const startedAt = clock.now()
  return withDeadline(clock, limits.sendTimeout, signal, async (call) => {
    try {
      const answer = await answerOf(
        call,
        repository.list?.(items, call) ?? Promise.reject(new Error('Expected a repository with an index')),
      )
      host.succeeded()
      return { answer, because: changed }
    } catch (error) {
      const cause = causeOf(call, error)
      const until = untilIn(cause, clock.now())
      if (until !== undefined) host.closeUntil(until)
      if (!signal.aborted) host.failed(startedAt, problemOf(cause))
      if (cause instanceof PutOff) return { answer: { outcome: 'changed' as const, until }, because: problemOf(cause) }
      throw cause
    }
  })
}

const changed: Problem = { code: 'repository/index-changed', message: 'Other writers kept changing the index first.' }

/** The listings of a run, by the names of repositories. */
export class Listings {
  readonly #byName: ReadonlyMap<string, Listing>

  /** @param names of repositories with an index: one for each artifact that is published there */
  constructor(names: readonly string[]) {
    const counts = new Map<string, number>()
    for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
    this.#byName = new Map([...counts].map(([name, count]) => [name, new Listing(count)]))
  }

  of(name: string): Listing {
    return this.#byName.get(name) ?? new Listing(1)
  }
}
