import type { Readable } from 'node:stream'
import {
  bytes,
  type Instant,
  later,
  type Outcome,
  type PlannedDestination,
  type Problem,
  StagegateError,
  type Verdict,
} from '@stagegate/schema'
import type { Clock } from '../clock.js'
import { decide, type History, type Staged, type State, untried } from '../decide/decide.js'
import { type Body, type Call, type Item, NotThere, type PublicRepository, type Written } from '../repository/capabilities.js'
import { isFinal } from '../repository/refusal.js'
import { answerOf, causeOf, streamOf, withDeadline } from './call.js'
import { ContentMismatch } from './content-mismatch.js'
import type { Happening } from './event.js'
import { fanOut } from './fan-out.js'
import { type Limits, waitBefore } from './limits.js'
import { look, lookTimeoutFor } from './look.js'
import { problemIn, problemOf } from './problem.js'

interface Destination {
  readonly plan: PlannedDestination
  readonly repository: PublicRepository
  /** The artifact's coordinates there: its distribution can differ from the staged one's. */
  readonly item: Item
}

export interface Delivery {
  readonly target: string
  readonly item: Item
  /** Opens the staged bytes, anew for each reading. Rejects with `NotThere` when they are gone. */
  open(call: Call): Promise<Readable>
  readonly destinations: readonly Destination[]
}

export interface DeliveryPorts {
  readonly clock: Clock
  readonly random: () => number
  readonly signal: AbortSignal
  readonly limits: Limits
  readonly emit: (event: Happening) => void
}

/** An outcome, and where the artifact lies if it is there. */
export interface Arrival {
  readonly outcome: Outcome
  readonly location: string | undefined
}

/** What the driver knows of one destination while it works. */
interface Lane {
  readonly destination: Destination
  readonly startedAt: Instant
  history: History
  sent: number
  /** Milliseconds until it is looked at again. */
  wait: number
  /** Of the last write. */
  problem: Problem | undefined
  arrival: Arrival | undefined
}

/** What is known of the staged bytes, and why they could not be had. */
interface Reading {
  readonly staged: Staged
  readonly problem: Problem | undefined
}

/**
 * Brings one artifact to its destinations: observe, decide, act, confirm. The bytes are read once for all destinations
 * that lack them. Resolves with an outcome for each destination, in their order, whatever happens.
 */
export async function deliver(delivery: Delivery, ports: DeliveryPorts): Promise<readonly Arrival[]> {
  const { clock, limits, signal } = ports
  const lanes = delivery.destinations.map((destination) => newLane(destination, clock.now()))
  let reading: Reading = { staged: 'unread', problem: undefined }

  const settle = (lane: Lane, verdict: Verdict, state: State | undefined, problem: Problem | undefined) => {
    const outcome = outcomeOf(lane, delivery, verdict, state, problem, clock.now())
    lane.arrival = { outcome, location: state?.is === 'same' ? state.location : undefined }
    ports.emit({ event: 'verdict', outcome })
  }

  const consider = async (lane: Lane): Promise<Lane | undefined> => {
    const state = await observe(lane, ports)
    const decision = decide(state, reading.staged, lane.history, limits, clock.now())
    const problem = problemIn(state, lane.history, delivery.item.content)
    if (decision.do === 'copy') return lane
    if (decision.do === 'stop') {
      const ofSource = decision.verdict === 'tampered' || decision.verdict === 'missing' ? reading.problem : undefined
      settle(lane, decision.verdict, state, ofSource ?? problem ?? lane.problem)
      return undefined
    }
    lane.wait = Math.max(waitBefore(decision.attempt, limits, ports.random), askedFor(state, limits))
    const because = problem ?? lane.problem ?? { code: 'repository/not-there', message: 'It is not there.' }
    ports.emit({ event: 'waiting', destination: lane.destination.plan, milliseconds: lane.wait, because })
    return undefined
  }

  for (;;) {
    const open = lanes.filter(({ arrival }) => arrival === undefined)
    if (open.length === 0) break
    if (signal.aborted) {
      for (const lane of open) settle(lane, 'undetermined', undefined, problemOf(signal.reason))
      break
    }
    const copying = (await Promise.all(open.filter(({ wait }) => wait <= 0).map(consider))).filter((lane) => lane !== undefined)
    if (signal.aborted) continue
    if (copying.length > 0) reading = await send(delivery, copying, reading, ports)
    else await pause(lanes, ports)
  }
  return lanes.flatMap(({ arrival }) => arrival ?? [])
}

function newLane(destination: Destination, startedAt: Instant): Lane {
  return { destination, startedAt, history: untried, sent: 0, wait: 0, problem: undefined, arrival: undefined }
}

async function observe(lane: Lane, ports: DeliveryPorts): Promise<State> {
  const { history, destination } = lane
  // Once, the server is given a moment to work the digest out; then it is read back.
  const patient = history.unknown === 0
  const timeout = lookTimeoutFor(destination.item.content, ports.limits)
  const state = await withDeadline(ports.clock, timeout, ports.signal, (call) =>
    look(destination.repository, destination.item, call, patient),
  )
  ports.emit({ event: 'observed', destination: destination.plan, state: state.is })
  lane.history = {
    ...history,
    unknown: state.is === 'unknown' ? history.unknown + 1 : 0,
    looksSince: history.looksSince + (state.is === 'absent' ? 1 : 0),
  }
  return state
}

/** Reads the staged bytes once, for all these destinations. Each one's history then says what its server answered. */
async function send(delivery: Delivery, lanes: readonly Lane[], before: Reading, ports: DeliveryPorts): Promise<Reading> {
  const { clock, limits, signal } = ports
  return withDeadline(clock, limits.sendTimeout, signal, async (call) => {
    let source: Readable
    try {
      source = await streamOf(call, delivery.open(call))
    } catch (error) {
      const cause = causeOf(call, error)
      for (const lane of lanes) wrote(lane, isFinal(cause) ? 'refused' : 'ambiguous', problemOf(cause), ports)
      return readingAfter(cause, before)
    }
    ports.emit({ event: 'started', destinations: lanes.map(({ destination }) => destination.plan) })
    const onBytes = (sum: number) => ports.emit({ event: 'progress', bytes: sum })
    const fan = fanOut(source, delivery.item.content, lanes.length, { onBytes, patience: limits.leaveBehind })
    await Promise.all(
      lanes.map(async (lane, index) => {
        const body = fan.bodies[index]
        if (body === undefined) throw new Error('Expected a body for each destination')
        await write(lane, body, call, ports)
        lane.sent += fan.release(body)
      }),
    )
    try {
      return (await fan.done) ? { staged: 'right', problem: undefined } : before
    } catch (error) {
      const cause = causeOf(call, error)
      for (const lane of lanes) sourceFailed(lane, problemOf(cause))
      return readingAfter(cause, before)
    }
  })
}

const answers: ReadonlySet<unknown> = new Set<Written['outcome']>(['accepted', 'exists', 'refused'])

async function write(lane: Lane, body: Body, call: Call, ports: DeliveryPorts): Promise<void> {
  const { destination } = lane
  let answer: NonNullable<History['lastWrite']>
  let problem: Problem | undefined
  try {
    const written = await answerOf(call, destination.repository.create(destination.item, body, call))
    if (!answers.has(written.outcome))
      throw new StagegateError({ code: 'repository/unexpected-answer', what: 'expected to hear accepted, exists or refused' })
    answer = written.outcome
    problem = written.outcome === 'refused' ? written.because : undefined
  } catch (error) {
    answer = 'ambiguous'
    problem = problemOf(causeOf(call, error))
  }
  wrote(lane, answer, problem, ports)
  ports.emit({ event: 'written', destination: destination.plan, answer })
}

function wrote(lane: Lane, lastWrite: NonNullable<History['lastWrite']>, problem: Problem | undefined, ports: DeliveryPorts): void {
  const confirmBy = later(ports.clock.now(), ports.limits.confirmWithin / 1000)
  lane.problem = problem
  lane.history = { unknown: 0, sends: lane.history.sends + 1, lastWrite, looksSince: 0, confirmBy }
}

/** The source's trouble is that of every destination that was being served; and nobody can have accepted what never ended. */
function sourceFailed(lane: Lane, problem: Problem): void {
  const { lastWrite } = lane.history
  if (lastWrite === 'refused' || lastWrite === 'exists') return
  lane.problem = problem
  lane.history = { ...lane.history, lastWrite: 'ambiguous' }
}

function readingAfter(error: unknown, before: Reading): Reading {
  const staged = error instanceof ContentMismatch ? 'wrong' : error instanceof NotThere ? 'gone' : undefined
  return staged === undefined ? before : { staged, problem: problemOf(error) }
}

/** Waits until the first of those that wait is due. */
async function pause(lanes: readonly Lane[], { clock, signal }: DeliveryPorts): Promise<void> {
  const waiting = lanes.filter(({ arrival }) => arrival === undefined)
  if (waiting.length === 0) return
  const milliseconds = Math.min(...waiting.map(({ wait }) => wait))
  // An abort shows in the signal, which the loop looks at next.
  await clock.sleep(milliseconds, signal).catch(() => undefined)
  for (const lane of waiting) lane.wait -= milliseconds
}

/** What the server asked for, within reason: a run is not to hang on one header. */
function askedFor(state: State, { confirmWithin }: Limits): number {
  return state.is === 'unknown' ? Math.min((state.retryAfter ?? 0) * 1000, confirmWithin) : 0
}

function outcomeOf(
  lane: Lane,
  { target, item }: Delivery,
  verdict: Verdict,
  state: State | undefined,
  problem: Problem | undefined,
  finishedAt: Instant,
): Outcome {
  const seen = state?.is === 'same' ? item.content.sha256 : state?.is === 'different' ? state.sha256 : undefined
  const fine = verdict === 'published' || verdict === 'already-public'
  return {
    target,
    destination: lane.destination.plan,
    coordinates: lane.destination.item.coordinates,
    expected: item.content,
    ...(seen === undefined ? {} : { seen }),
    verdict,
    ...(fine || problem === undefined ? {} : { problem }),
    bytesSent: bytes(lane.sent),
    startedAt: lane.startedAt,
    finishedAt,
  }
}
