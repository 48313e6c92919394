import {
  describeCoordinates,
  digestOf,
  GateError,
  type PlannedTarget,
  type ReleaseManifest,
  type ReleasePlan,
  type SealedTarget,
} from '@stagegate/schema'
import { misplaced } from '../file/published-path.js'
import { tagsOf } from '../image/tags.js'
import { versionOf } from '../version.js'

/**
 * Lets a manifest through only if `seal` can make it from this plan, whoever made it: every required target of the kind, none that the plan
 * lacks, each with its staging and public places, and the tag's version.
 * @throws {GateError} otherwise
 */
export function expectPlan(manifest: ReleaseManifest, plan: ReleasePlan): void {
  const { origin, targets, absent, supplements } = manifest
  const release = plan.releases.find(({ id }) => id === manifest.release)
  const kind = plan.kinds[origin.pipelineKind]
  if (release === undefined) throw unplanned(manifest, 'the plan has no such release')
  if (kind === undefined) throw unplanned(manifest, `the plan has no kind ${origin.pipelineKind}`)
  const planned = release.targets.filter(({ routes }) => routes[origin.pipelineKind]?.staging !== undefined)
  for (const sealed of targets) {
    const target = planned.find(({ id }) => id === sealed.target)
    if (target === undefined) throw unplanned(manifest, `the plan does not stage ${sealed.target} in the kind ${origin.pipelineKind}`)
    expectRoute(manifest, sealed, target)
  }
  const names = [...targets, ...absent].map(({ target }) => target)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw unplanned(manifest, `it has ${twice} twice`)
  if (supplements === undefined) expectWhole(manifest, planned)
  else if (names.length !== 1 || planned.some(({ id, optional }) => id === names[0] && !optional))
    throw unplanned(manifest, `it adds ${names.join(', ')} to another manifest, but only a single optional target can be added`)
  if (kind.version !== null && 'tag' in kind.version) {
    const version = versionOf(origin.pipelineKind, kind, origin.ref, {})
    if (version !== manifest.version) throw unplanned(manifest, `its tag stands for the version ${version}`)
  }
}

function expectWhole(manifest: ReleaseManifest, planned: readonly PlannedTarget[]): void {
  const sealed = manifest.targets.map(({ target }) => target)
  const lacking = planned.filter(({ id, optional }) => !optional && !sealed.includes(id)).map(({ id }) => id)
  if (lacking.length > 0) throw unplanned(manifest, `it lacks ${lacking.join(', ')}, which the plan requires`)
}

function expectRoute(
  manifest: ReleaseManifest,
  { target, artifacts, destinations, tags }: SealedTarget,
  { routes, what }: PlannedTarget,
): void {
  const kind = manifest.origin.pipelineKind
  const route = routes[kind]
  const elsewhere = artifacts.find(({ repository }) => repository !== route?.staging)
  if (elsewhere !== undefined)
    throw unplanned(manifest, `it takes ${target} from ${elsewhere.repository}, but the plan stages it in ${route?.staging}`)
  const astray = misplaced(what, manifest.version, artifacts)
  if (astray !== undefined)
    throw unplanned(manifest, `it has ${describeCoordinates(astray.coordinates)}, which does not belong to ${target}`)
  const named = what.type === 'image' ? tagsOf(what, kind, manifest.version) : undefined
  if (digestOf(tags ?? null) !== digestOf(named ?? null)) throw unplanned(manifest, `it gives ${target} different tags from the plan`)
  if (digestOf(destinations) === digestOf(route?.public ?? [])) return
  const sent = destinations.map(({ repository }) => repository).join(', ') || 'nowhere'
  const wanted = (route?.public ?? []).map(({ repository }) => repository).join(', ') || 'nowhere'
  throw unplanned(
    manifest,
    `it sends ${target} to ${sent}, but the plan sends it to ${wanted}${sent === wanted ? ' with other settings' : ''}`,
  )
}

function unplanned({ release, version }: ReleaseManifest, what: string): GateError {
  return new GateError({
    code: 'gate/plan',
    where: `the release manifest of ${release} ${version}`,
    what,
    next: 'It was not sealed with this plan. Nothing was published. Run the seal job again and check its list.',
  })
}
