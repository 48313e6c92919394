import { type Bytes, type Content, type Instant, later, type Sha256 } from '@stagegate/schema'
import { answerOf, causeOf, streamOf, withDeadline } from '../contract/call.js'
import type { Call, Item, PublicRepository } from '../contract/capabilities.js'
import { type Clock, millisecondsBetween } from '../contract/clock.js'
import { problemOf } from '../contract/problem.js'
import { PutOff } from '../contract/put-off.js'
import { readDigest } from '../contract/read-digest.js'
import { isFinal } from '../contract/refusal.js'
import { judge, type State, type Unknown } from '../decide/decide.js'
import type { Host, OnWait } from './host.js'
import { lookTimeoutFor, type Timing } from './limits.js'

/** An artifact that is looked for at a repository. */
export interface Sought {
  readonly repository: PublicRepository
  readonly item: Item
  /** Waits for the server to report the digest; otherwise a readable repository is read. @default false */
  readonly patient?: boolean
  /** Completes what is missing next to an artifact whose bytes are right. Only lanes that publish or stage do. @default false */
  readonly completes?: boolean
}

/**
 * Looks at a destination and judges the result. Any error makes it unknown. If the server's answer cannot be true, a readable repository is
 * read.
 */
export function look(sought: Sought, call: Call, clock: Clock): Promise<State> {
  return stateOf(() => judged(sought, call), call, clock)
}

/** Looks, and completes what is missing next to an artifact whose bytes are right. */
function complete(sought: Sought, call: Call, clock: Clock): Promise<State> {
  const { repository, item } = sought
  return stateOf(
    async () => {
      const state = await judged(sought, call)
      if (state.is === 'same' && repository.complete !== undefined) await answerOf(call, repository.complete(item, call))
      return state
    },
    call,
    clock,
  )
}

async function stateOf(find: () => Promise<State>, call: Call, clock: Clock): Promise<State> {
  try {
    return await find()
  } catch (error) {
    const cause = causeOf(call, error)
    return {
      is: 'unknown',
      because: problemOf(cause),
      cause,
      final: isFinal(cause),
      putOff: cause instanceof PutOff,
      until: untilIn(cause, clock.now()),
    }
  }
}

/** Where what the server says cannot be true, a repository that can be read is read. */
async function judged({ repository, item, patient }: Sought, call: Call): Promise<State> {
  const seen = await answerOf(call, repository.observe(item.coordinates, call))
  if (seen.saw === 'absent') return { is: 'absent' }
  if (seen.sha256 !== undefined) {
    if (!contradicts(seen.sha256, seen.size, item.content)) return judge(seen.location, seen.sha256, seen.size, item.content)
    if (repository.read === undefined) return { is: 'different', location: seen.location, sha256: seen.sha256, size: seen.size }
  } else if (patient || repository.read === undefined) return noDigest
  call.signal.throwIfAborted()
  const content = await readDigest(await streamOf(call, repository.read(seen.location, call)))
  return judge(seen.location, content.sha256, content.size, item.content)
}

/**
 * Looks once the host may be asked and has room, and tells the host how that went.
 * @returns also how long the look itself took, in milliseconds
 * @throws {HostGivenUp} if the host is not worth waiting for; the signal's reason
 */
export function lookInTurn(
  host: Host,
  sought: Sought,
  onWait: OnWait,
  { clock, limits, signal }: Omit<Timing, 'random'>,
): Promise<{ state: State; milliseconds: number }> {
  return host.visit(signal, onWait, async () => {
    const startedAt = clock.now()
    const timeout = lookTimeoutFor(sought.item.content, limits)
    const state = await withDeadline(clock, timeout, signal, (call) => (sought.completes ? complete : look)(sought, call, clock))
    if (state.is !== 'unknown' || state.answered || state.final) host.succeeded()
    else if (!signal.aborted) {
      if (state.until !== undefined) host.closeUntil(state.until)
      host.failed(startedAt, state.because)
    }
    return { state, milliseconds: millisecondsBetween(startedAt, clock.now()) }
  })
}

/**
 * The right digest with a different size cannot be true: a store that lost the end of a file still knows its name, and some servers report
 * a wrong length. The bytes decide.
 */
function contradicts(sha256: Sha256, size: Bytes | undefined, expected: Content): boolean {
  return sha256 === expected.sha256 && size !== undefined && size !== expected.size
}

const noDigest: Unknown = {
  is: 'unknown',
  because: { code: 'repository/no-digest', message: 'It exists, but the server does not report its sha256.' },
  final: false,
  answered: true,
}

/** Until when a server asks not to be called: from `PutOff`, or in seconds from `retryAfter` on an error. */
export function untilIn(error: unknown, now: Instant): Instant | undefined {
  if (error instanceof PutOff) return error.until
  if (!(error instanceof Error && 'retryAfter' in error && Number.isSafeInteger(error.retryAfter))) return undefined
  return later(now, Math.max(0, Number(error.retryAfter)))
}
