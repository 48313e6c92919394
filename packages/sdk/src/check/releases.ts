import type { IConstruct } from 'constructs'
import { any, compare, decide, nothing, variable } from '../condition/index.js'
import type { Construct } from '../construct.js'
import type { IssueFacts, Recorded } from '../issue/facts.js'
import { PipelineKind } from '../kind.js'
import { ContainerImage } from '../release/image.js'
import { Release } from '../release/release.js'
import { PublicRepo, StagingRepo } from '../release/repositories.js'
import { allOf, type KindRoute } from '../release/route.js'
import { PackageTarget, type ReleaseTarget } from '../release/target.js'
import { overlapOf, ownRegistryOf, placeOf, type RepositoryAddress } from '../repository/index.js'
import { isEverywhere, Secret } from '../secret.js'
import { checkCollisions } from './collisions.js'
import { checkRelativePlaces } from './relative-places.js'

/** Finds problems of the releases that the document does not show. */
export function checkReleases(root: IConstruct & Recorded['at'], { project = {}, records }: Circumstances): readonly Recorded[] {
  const releases = allOf(root, Release)
  return [
    ...checkNames(root),
    ...checkPlaces(root),
    ...checkOwnRegistry(root, project),
    ...releases.flatMap(checkRelease),
    ...checkCollisions(releases),
    ...checkRelativePlaces(releases, { records, at: root }),
    ...checkVersions(releases),
    ...checkRefs(allOf(root, PipelineKind), releases),
  ]
}

/** The app's own answers that releases depend on. */
export interface Circumstances {
  readonly project?: Project | undefined
  readonly records?: RepositoryAddress | 'gitlab' | undefined
}

/** The project whose jobs release. */
interface Project {
  readonly url?: string | undefined
  readonly path?: string | undefined
}

/** The plan knows kinds, repositories and releases by their labels, wherever in the tree they were made. */
function checkNames(root: IConstruct): readonly Recorded[] {
  const families = [allOf(root, PipelineKind), [...allOf(root, StagingRepo), ...allOf(root, PublicRepo)], allOf(root, Release)]
  return families.flatMap((family: readonly Construct[]) =>
    family.flatMap((one, index) => {
      const first = family.slice(0, index).find(({ label }) => label === one.label)
      // Two of one scope are recorded when they are made.
      if (first === undefined || first.node.scope === one.node.scope) return []
      return [{ at: one, facts: { code: 'structure/duplicate-name', name: one.label, first: first.source } }]
    }),
  )
}

/** Two addresses of one place may not be both staging and public: staging would be public at once. */
function checkPlaces(root: IConstruct): readonly Recorded[] {
  const publics = allOf(root, PublicRepo)
  return allOf(root, StagingRepo).flatMap((staging) =>
    publics.flatMap((at): Recorded[] => {
      const overlap = overlapOf(staging.at, at.at)
      const place = placeOf(staging.at)
      if (overlap === undefined) return []
      return [{ at, facts: { code: 'gate/same-place', staging: staging.label, public: at.label, place, is: overlap } }]
    }),
  )
}

/** Any job of the project can push to the project's own registry. */
function checkOwnRegistry(root: IConstruct, { url = 'https://gitlab.com', path }: Project): readonly Recorded[] {
  return allOf(root, PublicRepo).flatMap((repo): Recorded[] => {
    const own = repo.at.write.some(isEverywhere) ? undefined : ownRegistryOf(repo.at, url, path)
    if (own === undefined) return []
    const code = own === 'own' ? 'secrets/everywhere' : 'secrets/own-registry'
    return [{ at: repo, facts: { code, repository: repo.label, variable: Secret.jobToken.variable } }]
  })
}

const isOfTag = compare(variable('CI_COMMIT_TAG'), '!=', nothing)
const isOfBranch = compare(variable('CI_COMMIT_BRANCH'), '!=', nothing)
const hasDefaultBranch = compare(variable('CI_DEFAULT_BRANCH'), '!=', nothing)

/** A kind that publishes has to name tags or branches: any protected one is too many. */
function checkRefs(kinds: readonly PipelineKind[], releases: readonly Release[]): readonly Recorded[] {
  return kinds.flatMap((kind): Recorded[] => {
    if (!releases.some((release) => release.publishesIn(kind))) return []
    const named = decide(any([isOfTag, isOfBranch]), { variables: {}, holds: [kind.props.when.ast, hasDefaultBranch] })
    return named === 'always' ? [] : [{ at: kind, facts: { code: 'kinds/no-ref', kind: kind.label } }]
  })
}

function checkRelease(release: Release): readonly Recorded[] {
  if (release.targets.length === 0) return [{ at: release, facts: { code: 'routes/empty', release: release.label } }]
  return release.targets.flatMap((target) => [...target.routes].flatMap(([kind, route]) => checkRoute(target, kind, route)))
}

function checkRoute(target: ReleaseTarget, kind: PipelineKind, { staging, public: destinations }: KindRoute): readonly Recorded[] {
  const places = [...(staging === undefined ? [] : [staging]), ...destinations.map(({ repo }) => repo)]
  const foreign = [kind, ...places].find(({ node }) => node.root !== target.node.root)
  const issues: IssueFacts[] = foreign === undefined ? [] : [{ code: 'routes/foreign', kind: kind.label, name: foreign.label }]
  if (target instanceof ContainerImage) {
    for (const { label: repository, at } of places)
      if (!at.formats.includes('image')) issues.push({ code: 'routes/format', target: target.label, repository, format: 'image' })
  }
  if (!(target instanceof PackageTarget)) return issues.map((facts) => ({ at: target, facts }))
  for (const { label: repository, at } of places)
    if (at.formats.every((format) => format === 'image'))
      issues.push({ code: 'routes/format', target: target.label, repository, format: 'deb' })
  const formats = new Set(target.packages.flatMap((glob) => /\.(deb|rpm)$/.exec(glob)?.[1] ?? []))
  for (const { label: repository, at } of places) {
    const format = [...formats].find((one) => !at.formats.some((taken) => taken === one))
    if (format !== undefined) issues.push({ code: 'routes/format', target: target.label, repository, format })
  }
  // Where two destinations are the same, the second would be a conflict of the release with itself.
  const seen = new Set<string>()
  for (const { repo } of destinations) {
    for (const distribution of [target.distribution, ...target.also]) {
      const place = `${distribution} in ${repo.label}`
      if (seen.has(place)) issues.push({ code: 'routes/destination-twice', kind: kind.label, repository: repo.label, distribution })
      seen.add(place)
    }
  }
  return issues.map((facts) => ({ at: target, facts }))
}

function checkVersions(releases: readonly Release[]): readonly Recorded[] {
  const kinds = new Set(releases.flatMap(({ targets }) => targets.flatMap(({ routes }) => [...routes.keys()])))
  return [...kinds].flatMap((kind) =>
    kind.version === null && releases.some((release) => release.stagesIn(kind))
      ? [{ at: kind, facts: { code: 'kinds/no-version', kind: kind.label } }]
      : [],
  )
}
