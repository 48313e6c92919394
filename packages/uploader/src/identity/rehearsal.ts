import { digestOf, GateError, type Origin, type ReleasePlan, UsageError } from '@stagegate/schema'
import { RE2JS } from 're2js'
import { isLoopback } from '../http/origin.js'
import type { Checkout } from './checkout.js'

/**
 * The identity of a rehearsal: its checkout. It is marked in every document, and has no pipeline or job number.
 * @param kind the pipeline kind, if known; otherwise the first one whose tag expression matches a tag of the checkout
 * @throws {UsageError} if the kind is unknown
 * @throws {GateError} if the checkout does not match the kind
 */
export function rehearsalOrigin(plan: ReleasePlan, checkout: Checkout, job: string, kind: string | undefined): Origin {
  const pipelineKind = kind ?? kindOf(plan, checkout)
  return {
    rehearsal: true,
    instance: 'rehearsal',
    project: { id: 0, path: 'rehearsal' },
    pipeline: 0,
    job: { id: 0, name: job },
    commit: checkout.commit,
    ref: refOf(plan, checkout, pipelineKind),
    pipelineKind,
    plan: digestOf(plan),
  }
}

function kindOf(plan: ReleasePlan, { tags }: Checkout): string {
  const found = Object.entries(plan.kinds).find(
    ([, { version }]) => version !== null && 'tag' in version && tags.some((tag) => fits(version.tag, tag)),
  )
  if (found !== undefined) return found[0]
  throw new UsageError({
    code: 'usage/kind',
    what: tags.length === 0 ? 'no tag points to the checked-out commit' : `no kind of the plan matches the tag ${tags.join(' or ')}`,
    next: `Choose the kind to rehearse: --kind ${Object.keys(plan.kinds).join(', --kind ')}.`,
  })
}

function refOf(plan: ReleasePlan, { tags, branch }: Checkout, kind: string): Origin['ref'] {
  const planned = plan.kinds[kind]
  if (planned === undefined)
    throw new UsageError({
      code: 'usage/kind',
      what: `the plan has no kind ${kind}`,
      next: `Its kinds are: ${Object.keys(plan.kinds).join(', ')}.`,
    })
  const { version } = planned
  if (version !== null && 'tag' in version) {
    const tag = tags.find((candidate) => fits(version.tag, candidate))
    if (tag !== undefined) return { tag }
    throw new GateError({
      code: 'gate/ref',
      what: `the kind ${kind} is for tags, but no matching tag points to the checked-out commit`,
      next: 'Tag the commit first.',
    })
  }
  const [tag] = tags
  if (branch !== undefined) return { branch }
  return tag === undefined ? { branch: 'detached' } : { tag }
}

function fits(pattern: string, tag: string): boolean {
  return RE2JS.compile(pattern).matcher(tag).find()
}

/** Whether all repositories are directories, or servers on this machine. */
export function isOnThisMachine({ repositories }: ReleasePlan): boolean {
  return Object.values(repositories).every(({ origin }) => origin === '' || isLoopback(new URL(origin).hostname))
}
