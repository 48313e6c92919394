import type { PlannedDestination } from '@stagegate/schema'
import { answerOf, causeOf, withDeadline } from '../contract/call.js'
import { type Call, NotThere } from '../contract/capabilities.js'
import { afterLast, problemOf, stopOf } from '../contract/problem.js'
import { PutOff } from '../contract/put-off.js'
import { isFinal } from '../contract/refusal.js'
import type { Operation } from '../contract/repository-error.js'
import { ImageRefused } from '../repository/oci/manifest.js'
import { ContentMismatch } from '../transfer/content-mismatch.js'
import type { DeliveryPorts } from '../transfer/delivery.js'
import { type Host, HostGivenUp, type OnWait } from '../transfer/host.js'
import { waitBefore } from '../transfer/limits.js'
import { untilIn } from '../transfer/look.js'

/** Repeats a call until it is answered. */
export type Ask = <T>(operation: Operation, run: (call: Call) => Promise<T>) => Promise<T>

/** A host, and the destination for which it is asked. */
export interface AskedHost {
  readonly host: Host
  /** Named in the announcement of a wait. */
  readonly destination: PlannedDestination
  /** For each try, in milliseconds. @default that of a look */
  readonly timeout?: number
}

/**
 * Repeats a harmless call to a host until it answers, within the limits and the host's back-off.
 * @throws the last error; at once if asking again does not help
 */
export async function persevere<T>(
  { host, destination, timeout }: AskedHost,
  { clock, limits, random, signal, emit }: DeliveryPorts,
  run: (call: Call) => Promise<T>,
): Promise<T> {
  const onWait: OnWait = (milliseconds, because, name) => {
    if (milliseconds > 0) emit({ event: 'waiting', destination, host: name, milliseconds, because })
  }
  let putOffs = 0
  let last: unknown
  for (let attempt = 1; ; ) {
    let startedAt = clock.now()
    try {
      return await host.visit(signal, onWait, () => {
        startedAt = clock.now()
        return withDeadline(clock, timeout ?? limits.lookTimeout, signal, async (call) => {
          try {
            const result = await answerOf(call, run(call))
            host.succeeded()
            return result
          } catch (error) {
            throw causeOf(call, error)
          }
        })
      })
    } catch (error) {
      host.reportGivenUp(error, emit)
      const hopeless = isFinal(error) || error instanceof NotThere || error instanceof ContentMismatch || error instanceof ImageRefused
      if (hopeless || error instanceof HostGivenUp || signal.aborted) throw afterLast(signal.aborted ? stopOf(error) : error, last)
      const until = untilIn(error, clock.now())
      if (until !== undefined) host.closeUntil(until)
      host.failed(startedAt, problemOf(error))
      if (error instanceof PutOff ? ++putOffs >= limits.putOffs : ++attempt > limits.looks) throw afterLast(error, last)
      last = error
      await clock.sleep(error instanceof PutOff ? 0 : waitBefore(attempt - 1, limits, random), signal)
    }
  }
}
