import { type DeploymentRecord, later } from '@stagegate/schema'
import { askWithin } from '../contract/call.js'
import { type Clock, millisecondsBetween } from '../contract/clock.js'
import { problemOf } from '../contract/problem.js'
import { PutOff } from '../contract/put-off.js'
import type { DeploymentJournal } from './journal.js'
import { type DeployLimits, pause } from './limits.js'
import type { ProjectPipelines } from './pipelines.js'
import { isFinal } from './start-once.js'

export interface FollowPorts {
  readonly pipelines: ProjectPipelines
  readonly journal: DeploymentJournal
  readonly clock: Clock
  readonly random: () => number
  readonly signal: AbortSignal
  readonly limits: DeployLimits
  /** How long to wait for its end, in milliseconds. */
  readonly timeout: number
}

/**
 * Looks at a pipeline until it has ended, the time is over, or the run is stopped. Temporary errors are waited out.
 * @throws {GateError} it can no longer be read
 */
export async function follow(pipeline: number, ports: FollowPorts): Promise<void> {
  const { pipelines, journal, clock, random, signal, limits, timeout } = ports
  const end = later(clock.now(), timeout / 1000)
  for (let look = 0; !signal.aborted; look++) {
    let wait = pause(look, limits, random)
    try {
      const { status } = await askWithin(clock, limits.call, signal, (call) => pipelines.read(pipeline, call))
      const news = { pipeline: { id: pipeline, url: pipelines.address(pipeline), status, seenAt: clock.now() } }
      if (journal.record.pipeline?.status === status) journal.update(news)
      else journal.report({ event: 'status' }, news)
      if (isOver(journal.record)) return
    } catch (error) {
      if (isFinal(error)) throw error
      if (signal.aborted) return
      journal.report({ event: 'trouble', because: problemOf(error) })
      if (error instanceof PutOff && error.until !== undefined) wait = Math.max(wait, millisecondsBetween(clock.now(), error.until))
    }
    if (later(clock.now(), wait / 1000) > end) return
    // A stop ends the loop.
    await clock.sleep(wait, signal).catch(() => undefined)
  }
}

/** Whether the pipeline has ended. `manual` has not: it waits for somebody there. */
export function isOver({ pipeline }: Pick<DeploymentRecord, 'pipeline'>): boolean {
  return ['success', 'failed', 'canceled', 'skipped'].includes(pipeline?.status ?? '')
}
