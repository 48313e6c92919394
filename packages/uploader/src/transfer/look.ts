import { type Content, isSha256, type Seconds, StagegateError, seconds } from '@stagegate/schema'
import { judge, type State } from '../decide/decide.js'
import type { Call, Item, PublicRepository } from '../repository/capabilities.js'
import { isFinal } from '../repository/refusal.js'
import { answerOf, causeOf, streamOf } from './call.js'
import type { Limits } from './limits.js'
import { problemOf } from './problem.js'
import { readDigest } from './read-digest.js'

/** How long one look at an artifact may take, in milliseconds: some repositories have to read it to know its digest. */
export function lookTimeoutFor({ size }: Content, { lookTimeout }: Limits): number {
  const perMebibyte = 1000
  return lookTimeout + Math.ceil(size / 2 ** 20) * perMebibyte
}

/**
 * Looks at a destination and judges what is there. Whatever goes wrong makes it unknown. `patient` waits for the
 * server to say the digest; otherwise a repository that can be read is read.
 */
export async function look(repository: PublicRepository, item: Item, call: Call, patient: boolean): Promise<State> {
  try {
    const seen = await answerOf(call, repository.observe(item.coordinates, call))
    if (seen.saw === 'absent') return { is: 'absent' }
    if (seen.sha256 !== undefined) {
      // Anything else would look like other bytes.
      if (!isSha256(seen.sha256)) {
        throw new StagegateError({ code: 'repository/unexpected-answer', what: 'expected a sha256 of 64 lower-case hexadecimal digits' })
      }
      return judge(seen.location, seen.sha256, seen.size, item.content)
    }
    if (patient || repository.read === undefined) {
      return {
        is: 'unknown',
        because: { code: 'repository/no-digest', message: 'It is there, but the server does not say its sha256.' },
        final: false,
      }
    }
    const content = await readDigest(await streamOf(call, repository.read(seen.location, call)))
    return judge(seen.location, content.sha256, content.size, item.content)
  } catch (error) {
    const cause = causeOf(call, error)
    return { is: 'unknown', because: problemOf(cause), final: isFinal(cause), retryAfter: retryAfterIn(cause) }
  }
}

/** What a server asked for, as its repository puts it on the error: `retryAfter`, in seconds. */
function retryAfterIn(error: unknown): Seconds | undefined {
  if (!(error instanceof Error && 'retryAfter' in error && Number.isSafeInteger(error.retryAfter))) return undefined
  return seconds(Math.max(0, Number(error.retryAfter)))
}
