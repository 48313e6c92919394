import { describeProblem, GateError, type Problem, type ReleaseManifest, StagegateError } from '@stagegate/schema'

/** An obstacle to an announcement. */
export interface Trouble {
  /** `missing`: it is not there. `other`: different bytes are. `refused`: the server refuses for good. `unknown`: its state is unknown. */
  readonly is: 'missing' | 'other' | 'refused' | 'unknown'
  /** The thing, and where it should be: `hello:1.2.3 in stable`. */
  readonly what: string
  /** A sentence without a full stop. */
  readonly because: string
  /** The target whose publish job uploads it. @default none does */
  readonly target?: string | undefined
  /** The action to take. @default none is known */
  readonly advice?: string | undefined
}

/** A problem as an explanation: its first line says what happened, and the others what to do. */
export function reasonOf(problem: Problem): Pick<Trouble, 'because' | 'advice'> {
  const [, ...advice] = problem.message.split('\n')
  return { because: describeProblem(problem), ...(advice.length > 0 && { advice: advice.join('\n') }) }
}

/** How many are listed. */
const most = 10

/** The error that lists all obstacles: a person must look at different bytes and refusals, and the rest may pass. */
export function announceError(troubles: readonly Trouble[], { release, version }: ReleaseManifest): StagegateError {
  const listed = troubles.slice(0, most).map(({ what, because }) => `- ${what}: ${because}`)
  const rest = troubles.length - listed.length
  const where = `the release entry of ${release} ${version}`
  const what = ['not everything that was sealed is public:', ...listed, ...(rest > 0 ? [`and ${rest} more`] : [])].join('\n')
  if (troubles.some(({ is }) => is === 'other')) {
    const next = 'Nothing was announced, and Stagegate overwrites nothing. Find out who published the other files. Then run this job again.'
    return new GateError({ code: 'gate/not-as-sealed', where, what, next })
  }
  const final = troubles.some(({ is }) => is === 'refused')
  return new StagegateError({ code: 'announce/incomplete', where, what, next: adviceFor(troubles), final })
}

function adviceFor(troubles: readonly Trouble[]): string {
  const targets = [...new Set(troubles.filter(({ is }) => is === 'missing').flatMap(({ target }) => target ?? []))]
  const named = targets.length > most ? [...targets.slice(0, most), 'others'] : targets
  const again = named.length === 0 ? 'Then run this job again.' : `Run the publish job of ${named.join(', ')}, then this one again.`
  // Many have the same cause and the same action.
  const advice = [...new Set(troubles.flatMap(({ advice: one }) => one ?? []))].slice(0, most)
  if (named.length === 0 && advice.length === 0) return 'Nothing was announced. Run this job again.'
  return ['Nothing was announced.', ...advice, again].join(advice.length === 0 ? ' ' : '\n')
}
