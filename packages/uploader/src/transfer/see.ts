import type { PlannedDestination, Problem } from '@stagegate/schema'
import { problemOf, stopOf, withLast } from '../contract/problem.js'
import { afterLook, decide, type State, untried } from '../decide/decide.js'
import type { DeliveryPorts } from './delivery.js'
import { waitBefore } from './limits.js'
import { lookInTurn, type Sought } from './look.js'

/** A repository as the look-ups for one destination see it. */
export interface SoughtAtHost extends Sought {
  /** The name of its host, or of the repository. */
  readonly host: string
}

/** The ports of `see`, and the destination that its events name. */
export interface SeePorts extends DeliveryPorts {
  readonly destination: PlannedDestination
}

/** The state at a repository. Looks again as long as `publish` would. Never rejects. */
export async function see(view: SoughtAtHost, ports: SeePorts): Promise<State> {
  const { clock, limits, random, signal, hosts, emit, destination } = ports
  const asked = hosts.of(view.host)
  const onWait = (milliseconds: number, because: Problem, host: string): void => {
    if (milliseconds > 0) emit({ event: 'waiting', destination, host, milliseconds, because })
  }
  let last: Problem | undefined
  try {
    for (let history = untried; ; ) {
      const { state } = await lookInTurn(asked, view, onWait, ports)
      history = afterLook(history, state)
      if (state.is === 'unknown') last = state.because
      const decision = decide({ seen: state, staged: 'unread', history }, limits, clock.now())
      if (decision.do !== 'look') return state
      await clock.sleep(waitBefore(decision.attempt, limits, random), signal)
    }
  } catch (error) {
    // The run was stopped, or the host was given up.
    const because = withLast(problemOf(signal.aborted ? stopOf(error) : error), last)
    asked.reportGivenUp(error, emit)
    return { is: 'unknown', because, final: false }
  }
}
