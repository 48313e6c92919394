import type { Readable } from 'node:stream'
import {
  bytes,
  type Instant,
  later,
  type Outcome,
  type PlannedDestination,
  type Problem,
  type Sha256,
  type Verdict,
} from '@stagegate/schema'
import type { Clock } from '../clock.js'
import { decide, type History, type Staged, type State, untried } from '../decide/decide.js'
import { type Body, type Call, type Item, NotThere, type PublicRepository } from '../repository/capabilities.js'
import { isFinal } from '../repository/refusal.js'
import { ContentMismatch } from './content-mismatch.js'
import type { Happening } from './event.js'
import { fanOut } from './fan-out.js'
import { type Limits, waitBefore } from './limits.js'
import { look, withDeadline } from './look.js'
import { problemOf } from './problem.js'

export interface Destination {
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
  problem: Problem | undefined
}

/**
 * Brings one artifact to its destinations: observe, decide, act, confirm. The bytes are read once for all destinations
 * that lack them. Resolves with an outcome for each destination, whatever happens.
 */
export async function deliver(delivery: Delivery, ports: DeliveryPorts): Promise<readonly Arrival[]> {
  const arrivals: Arrival[] = []
  let staged: Staged = 'unread'
  let lanes: Lane[] = delivery.destinations.map((destination) => ({
    destination,
    startedAt: ports.clock.now(),
    history: untried,
    sent: 0,
    problem: undefined,
  }))

  const settle = (lane: Lane, verdict: Verdict, state?: State) => {
    const outcome = outcomeOf(lane, delivery, verdict, seenIn(state, delivery), ports.clock.now())
    arrivals.push({ outcome, location: state?.is === 'same' ? state.location : undefined })
    ports.emit({ event: 'verdict', outcome })
  }

  while (lanes.length > 0) {
    const waiting: { lane: Lane; attempt: number }[] = []
    const copying: Lane[] = []
    await Promise.all(
      lanes.map(async (lane) => {
        const state = await observe(lane, ports)
        if (ports.signal.aborted) return settle(lane, stoppedVerdict(state), state)
        const decision = decide(state, staged, lane.history, ports.limits, ports.clock.now())
        if (state.is === 'unknown') lane.problem = state.because
        if (decision.do === 'copy') copying.push(lane)
        else if (decision.do === 'look') waiting.push({ lane, attempt: decision.attempt })
        else settle(lane, decision.verdict, state)
      }),
    )
    lanes = [...copying, ...waiting.map(({ lane }) => lane)]
    if (ports.signal.aborted) {
      for (const lane of lanes) settle(lane, 'undetermined')
      return arrivals
    }
    if (copying.length > 0) staged = await send(delivery, copying, staged, ports)
    else if (waiting.length > 0) await pause(waiting, ports)
  }
  return arrivals
}

async function observe(lane: Lane, ports: DeliveryPorts): Promise<State> {
  const { history, destination } = lane
  const patient = history.unknown + history.looksSince < 2
  const state = await withDeadline(ports.clock, ports.limits.lookTimeout, ports.signal, (call) =>
    look(destination.repository, destination.item, call, patient),
  )
  ports.emit({ event: 'observed', destination: destination.plan, state: state.is })
  lane.history = { ...history, unknown: state.is === 'unknown' ? history.unknown + 1 : 0, looksSince: history.looksSince + 1 }
  return state
}

/** Reads the staged bytes once, for all these destinations. Each one's history then says what its server answered. */
async function send(delivery: Delivery, lanes: readonly Lane[], staged: Staged, ports: DeliveryPorts): Promise<Staged> {
  return withDeadline(ports.clock, ports.limits.sendTimeout, ports.signal, async (call) => {
    let source: Readable
    try {
      source = await delivery.open(call)
    } catch (error) {
      for (const lane of lanes) wrote(lane, isFinal(error) ? 'refused' : 'ambiguous', ports)
      return sourceFailed(error, lanes, staged)
    }
    ports.emit({ event: 'started', destinations: lanes.map(({ destination }) => destination.plan) })
    const fan = fanOut(source, delivery.item.content, lanes.length, (sum) => ports.emit({ event: 'progress', bytes: sum }))
    await Promise.all(
      lanes.map(async (lane, index) => {
        const body = fan.bodies[index]
        if (body === undefined) throw new Error('Expected a body for each destination')
        await write(lane, body, call, ports)
        lane.sent += fan.release(body)
      }),
    )
    try {
      await fan.done
      return 'right'
    } catch (error) {
      return sourceFailed(error, lanes, staged)
    }
  })
}

async function write(lane: Lane, body: Body, call: Call, ports: DeliveryPorts): Promise<void> {
  const { destination } = lane
  let answer: NonNullable<History['lastWrite']>
  try {
    const written = await destination.repository.create(destination.item, body, call)
    answer = written.outcome
    if (written.outcome === 'refused') lane.problem = written.because
  } catch (error) {
    answer = 'ambiguous'
    lane.problem = problemOf(error)
  }
  wrote(lane, answer, ports)
  ports.emit({ event: 'written', destination: destination.plan, answer })
}

function wrote(lane: Lane, lastWrite: NonNullable<History['lastWrite']>, { clock, limits }: DeliveryPorts): void {
  const confirmBy = later(clock.now(), limits.confirmWithin / 1000)
  lane.history = { unknown: 0, sends: lane.history.sends + 1, lastWrite, looksSince: 0, confirmBy }
}

/** The source's trouble is the same for every destination that was being served. */
function sourceFailed(error: unknown, lanes: readonly Lane[], staged: Staged): Staged {
  for (const lane of lanes) lane.problem = problemOf(error)
  return error instanceof ContentMismatch ? 'wrong' : error instanceof NotThere ? 'gone' : staged
}

async function pause(waiting: readonly { lane: Lane; attempt: number }[], ports: DeliveryPorts): Promise<void> {
  const milliseconds = Math.min(...waiting.map(({ attempt }) => waitBefore(attempt, ports.limits, ports.random)))
  for (const { lane } of waiting) {
    const because = lane.problem ?? { code: 'repository/not-listed-yet', message: 'The server has taken it and does not list it yet.' }
    ports.emit({ event: 'waiting', destination: lane.destination.plan, milliseconds, because })
  }
  // An abort shows in the signal, which the loop looks at next.
  await ports.clock.sleep(milliseconds, ports.signal).catch(() => undefined)
}

function stoppedVerdict(state: State): Verdict {
  return state.is === 'same' ? 'already-public' : state.is === 'different' ? 'conflict' : 'undetermined'
}

function seenIn(state: State | undefined, { item }: Delivery): Sha256 | undefined {
  if (state?.is === 'same') return item.content.sha256
  return state?.is === 'different' ? state.sha256 : undefined
}

function outcomeOf(lane: Lane, { target, item }: Delivery, verdict: Verdict, seen: Sha256 | undefined, finishedAt: Instant): Outcome {
  const fine = verdict === 'published' || verdict === 'already-public'
  return {
    target,
    destination: lane.destination.plan,
    coordinates: lane.destination.item.coordinates,
    expected: item.content,
    ...(seen === undefined ? {} : { seen }),
    verdict,
    ...(fine || lane.problem === undefined ? {} : { problem: lane.problem }),
    bytesSent: bytes(lane.sent),
    startedAt: lane.startedAt,
    finishedAt,
  }
}
