import { type PlannedDeployment, type PlannedRelease, type PlannedTarget, type ReleasePlan, UsageError } from '@stagegate/schema'
import { named } from './contract/shown.js'

const whichRelease = 'Name the release with the option `release` (--release on the command line).'

/** @throws {UsageError} when no release of the plan has such a target, or several have and none was named */
export function findTarget(plan: ReleasePlan, id: string, release?: string): { release: PlannedRelease; target: PlannedTarget } {
  const found = plan.releases
    .filter((candidate) => release === undefined || candidate.id === release)
    .flatMap((candidate) => candidate.targets.filter((target) => target.id === id).map((target) => ({ release: candidate, target })))
  const [first, ...more] = found
  if (first === undefined) {
    const known = plan.releases.flatMap(({ targets }) => targets.map((target) => target.id))
    throw new UsageError({
      code: 'usage/target',
      what: `the plan has no target ${named(id)}`,
      next: `Its targets are: ${known.join(', ')}.`,
    })
  }
  if (more.length > 0) throw new UsageError({ code: 'usage/target', what: `several releases have a target ${id}`, next: whichRelease })
  return first
}

/** @throws {UsageError} when the plan lacks it, or has several and none was named */
export function findRelease(plan: ReleasePlan, id?: string): PlannedRelease {
  const found = plan.releases.filter((release) => id === undefined || release.id === id)
  const [first, ...more] = found
  const known = plan.releases.map((release) => release.id).join(', ')
  if (first === undefined)
    throw new UsageError({ code: 'usage/release', what: `the plan has no release ${named(id ?? '')}`, next: `Its releases are: ${known}.` })
  if (more.length > 0)
    throw new UsageError({ code: 'usage/release', what: 'the plan has several releases', next: `${whichRelease} They are: ${known}.` })
  return first
}

/** @throws {UsageError} when no release of the plan has such a deployment, or several have and none was named */
export function findDeployment(plan: ReleasePlan, id: string, release?: string): PlannedDeployment {
  const found = plan.releases
    .filter((candidate) => release === undefined || candidate.id === release)
    .flatMap(({ deployments }) => deployments.filter((deployment) => deployment.id === id))
  const [first, ...more] = found
  if (first === undefined) {
    const known = plan.releases.flatMap(({ deployments }) => deployments.map((deployment) => deployment.id))
    throw new UsageError({
      code: 'usage/deployment',
      what: `the plan has no deployment ${named(id)}`,
      next: known.length === 0 ? 'The plan has no deployments.' : `Its deployments are: ${known.join(', ')}.`,
    })
  }
  if (more.length > 0)
    throw new UsageError({ code: 'usage/deployment', what: `several releases have a deployment ${id}`, next: whichRelease })
  return first
}
