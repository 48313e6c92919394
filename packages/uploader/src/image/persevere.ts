import { type Call, NotThere } from '../repository/capabilities.js'
import { PutOff } from '../repository/put-off.js'
import { isFinal } from '../repository/refusal.js'
import { answerOf, causeOf, withDeadline } from '../transfer/call.js'
import { ContentMismatch } from '../transfer/content-mismatch.js'
import type { DeliveryPorts } from '../transfer/deliver.js'
import { type Host, HostGivenUp } from '../transfer/host.js'
import { waitBefore } from '../transfer/limits.js'
import { untilIn } from '../transfer/look.js'
import { problemOf } from '../transfer/problem.js'
import { ImageRefused } from './manifest.js'

/** Runs a request until it is answered. */
export type Ask = <T>(run: (call: Call) => Promise<T>) => Promise<T>

/**
 * Asks a host for something that can be asked for again, until it answers: within the limits, and as its back-off clock
 * allows.
 * @throws the last error; at once, where asking again is of no use
 */
export async function persevere<T>(
  host: Host,
  { clock, limits, random, signal }: DeliveryPorts,
  run: (call: Call) => Promise<T>,
): Promise<T> {
  let putOffs = 0
  for (let attempt = 1; ; ) {
    let startedAt = clock.now()
    try {
      return await host.visit(
        signal,
        () => undefined,
        () => {
          startedAt = clock.now()
          return withDeadline(clock, limits.lookTimeout, signal, async (call) => {
            try {
              const result = await answerOf(call, run(call))
              host.succeeded()
              return result
            } catch (error) {
              throw causeOf(call, error)
            }
          })
        },
      )
    } catch (error) {
      const hopeless = isFinal(error) || error instanceof NotThere || error instanceof ContentMismatch || error instanceof ImageRefused
      if (hopeless || error instanceof HostGivenUp || signal.aborted) throw error
      const until = untilIn(error, clock.now())
      if (until !== undefined) host.closeUntil(until)
      host.failed(startedAt, problemOf(error))
      if (error instanceof PutOff ? ++putOffs >= limits.putOffs : ++attempt > limits.looks) throw error
      await clock.sleep(error instanceof PutOff ? 0 : waitBefore(attempt - 1, limits, random), signal)
    }
  }
}
