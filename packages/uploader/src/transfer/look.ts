import { later } from '@stagegate/schema'
import type { Clock } from '../clock.js'
import { judge, type State } from '../decide/decide.js'
import type { Call, Item, PublicRepository, Sink } from '../repository/capabilities.js'
import { isFinal } from '../repository/refusal.js'
import { problemOf } from './problem.js'
import { readDigest } from './read-digest.js'

/** What one call may take: it is aborted at its deadline, or when the whole run is. */
export async function withDeadline<T>(
  clock: Clock,
  milliseconds: number,
  signal: AbortSignal,
  run: (call: Call) => Promise<T>,
): Promise<T> {
  const limit = AbortSignal.timeout(milliseconds)
  return run({ signal: AbortSignal.any([signal, limit]), deadline: later(clock.now(), milliseconds / 1000) })
}

/**
 * Looks at a destination and judges what is there. Whatever goes wrong makes it unknown. `patient` waits for the
 * server to say the digest; otherwise a repository that can be read is read.
 */
export async function look(repository: Sink & Partial<PublicRepository>, item: Item, call: Call, patient: boolean): Promise<State> {
  try {
    const seen = await repository.observe(item.coordinates, call)
    if (seen.saw === 'absent') return { is: 'absent' }
    if (seen.sha256 !== undefined) return judge(seen.location, seen.sha256, seen.size, item.content)
    if (patient || repository.read === undefined) {
      return {
        is: 'unknown',
        because: { code: 'repository/no-digest', message: 'It is there, but the server does not say its sha256.' },
        final: false,
      }
    }
    const content = await readDigest(await repository.read(seen.location, call))
    return judge(seen.location, content.sha256, content.size, item.content)
  } catch (error) {
    return { is: 'unknown', because: problemOf(error), final: isFinal(error) }
  }
}
