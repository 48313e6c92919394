import { fileOf, isPackage, type PlannedTarget, UsageError } from '@stagegate/schema'
import type { Item } from '../contract/capabilities.js'
import { isOfRelease } from '../package/release-version.js'
import { versionOf } from '../version.js'
import type { Staging } from './staging.js'

/**
 * A sentence for each package whose version is not the release's: the build may have picked up a file of an earlier one.
 * @throws {UsageError} if the target says that they must match
 */
export function otherVersions(
  staging: Staging,
  { versions }: Extract<PlannedTarget['what'], { readonly type: 'package' }>,
  items: readonly Item[],
): readonly string[] {
  const release = versions === 'any' ? undefined : releaseVersion(staging)
  if (release === undefined) return []
  const others = items.flatMap(({ coordinates }) =>
    isPackage(coordinates) && !isOfRelease(coordinates, release)
      ? [`${fileOf(coordinates)} has the version ${coordinates.version}, but the release is ${release}`]
      : [],
  )
  if (others.length === 0 || versions !== 'must-match') return others
  throw new UsageError({
    code: 'package/other-version',
    what: others.join('\n'),
    next: `Nothing of ${staging.target.id} was staged. Empty the folder before the build, or let the build use the version of the tag.`,
  })
}

/** `undefined` if the version is in a variable that this job does not have; `seal` requires it. */
function releaseVersion({ plan, options: { origin, variables = {} } }: Staging): string | undefined {
  const kind = plan.kinds[origin.pipelineKind]
  if (kind === undefined || kind.version === null) return undefined
  if ('variable' in kind.version && !variables[kind.version.variable]) return undefined
  return versionOf(origin.pipelineKind, kind, origin.ref, variables)
}
