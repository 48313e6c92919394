import type { IConstruct } from 'constructs'
import { any, compare, decide, nothing, variable } from '../condition/index.js'
import type { Construct } from '../construct.js'
import type { IssueFacts, Recorded } from '../issue/facts.js'
import { PipelineKind } from '../kind.js'
import { FileTarget } from '../release/file-target.js'
import { ContainerImage } from '../release/image.js'
import { Release } from '../release/release.js'
import { PublicRepo, StagingRepo } from '../release/repositories.js'
import { allOf, type KindRoute } from '../release/route.js'
import { PackageTarget, type ReleaseTarget } from '../release/target.js'
import { type Format, isOnePlace, overlapOf, ownPlaceOf, placeOf, type RepositoryAddress } from '../repository/index.js'
import { isEverywhere, Secret } from '../secret.js'
import { checkCollisions } from './collisions.js'
import { checkReadBack } from './read-back.js'
import { checkRelativePlaces } from './relative-places.js'

/** Finds problems of the releases that the document does not show. */
export function checkReleases(root: IConstruct & Recorded['at'], { project = {}, records }: Circumstances): readonly Recorded[] {
  const releases = allOf(root, Release)
  return [
    ...checkNames(root),
    ...checkPlaces(root),
    ...checkOwnPlaces(root, project),
    ...releases.flatMap(checkRelease),
    ...checkPages(releases),
    ...releases.flatMap((release) => checkDepths(release, project)),
    ...checkCollisions(releases),
    ...checkRelativePlaces(releases, { records, at: root }),
    ...checkVersions(releases),
    ...checkRefs(allOf(root, PipelineKind), releases),
  ]
}

/** The app's settings that releases depend on. */
export interface Circumstances {
  readonly project?: Project | undefined
  readonly records?: RepositoryAddress | 'gitlab' | undefined
}

/** The project whose jobs release. */
interface Project {
  readonly url?: string | undefined
  readonly path?: string | undefined
}

/** The plan identifies kinds, repositories and releases by their labels, wherever in the tree they were made. */
function checkNames(root: IConstruct): readonly Recorded[] {
  const families = [allOf(root, PipelineKind), [...allOf(root, StagingRepo), ...allOf(root, PublicRepo)], allOf(root, Release)]
  return families.flatMap((family: readonly Construct[]) =>
    family.flatMap((one, index) => {
      const first = family.slice(0, index).find(({ label }) => label === one.label)
      // Two with the same label in one scope are recorded when they are made.
      if (first === undefined || first.node.scope === one.node.scope) return []
      return [{ at: one, facts: { code: 'structure/duplicate-name', name: one.label, first: first.source } }]
    }),
  )
}

/** Two addresses of the same place may not be both staging and public: staging would be public at once. */
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

/** Any job of the project can push to the project's own registry, and to its packages. */
function checkOwnPlaces(root: IConstruct, { url = 'https://gitlab.com', path }: Project): readonly Recorded[] {
  return allOf(root, PublicRepo).flatMap((repo): Recorded[] => {
    const own = ownPlaceOf(repo.at, url, path)
    const facts = { repository: repo.label, variable: Secret.jobToken.variable }
    if (own === 'own' && repo.trustsJobs === undefined)
      return [{ at: repo, facts: { code: 'secrets/everywhere', ...facts, own: repo.at.type === 'registry' ? 'registry' : 'packages' } }]
    // A place that every job's token can write is already refused.
    if (own === 'perhaps' && !repo.at.write.some(isEverywhere)) return [{ at: repo, facts: { code: 'secrets/own-registry', ...facts } }]
    return own === undefined && repo.trustsJobs !== undefined
      ? [{ at: repo, facts: { code: 'secrets/not-own', repository: repo.label } }]
      : []
  })
}

/** In its own registry, a project has names of limited depth. */
function checkDepths({ targets }: Release, { url = 'https://gitlab.com', path }: Project): readonly Recorded[] {
  if (path === undefined) return []
  return targets.flatMap((target) => {
    if (!(target instanceof ContainerImage)) return []
    const routes = [...target.routes.values()]
    const places = new Set(routes.flatMap((route) => [route.staging ?? [], route.public.map(({ repo }) => repo)].flat()))
    return [...places].flatMap(({ at, label: repository }): Recorded[] => {
      const image = [at.settings['prefix'], target.imageName].join('/')
      if (
        at.type !== 'registry' ||
        ownPlaceOf(at, url, path) !== 'own' ||
        image.split('/').length <= path.split('/').length + namesBelowProject
      )
        return []
      return [{ at: target, facts: { code: 'target/image-depth', target: target.label, repository, image, project: path } }]
    })
  })
}

/** "Image naming convention" in GitLab's doc/user/packages/container_registry: up to two names after the project's path. */
const namesBelowProject = 2

/** An entry on a page of releases belongs to a tag, and a tag has one. */
function checkPages(releases: readonly Release[]): readonly Recorded[] {
  const pages = releases.flatMap((release) => release.pages)
  return pages.flatMap((page): Recorded[] => {
    const { release, repo } = page
    const kinds = [...new Set(release.targets.flatMap(({ routes }) => [...routes.keys()]))]
    const there = kinds.filter((kind) => release.targets.some((target) => page.has(target, kind)))
    return there.flatMap((kind): Recorded[] => {
      const facts = { repository: repo.label, kind: kind.label }
      const sameTag = pages.filter(
        (other) => isOnePlace(other.repo.at, repo.at) && other.release.targets.some((target) => other.has(target, kind)),
      )
      const isFirst = sameTag[0] === page
      const ofTag = decide(isOfTag, { variables: {}, holds: [kind.props.when.ast] }) === 'always'
      return [
        ...(ofTag ? [] : [{ at: release, facts: { code: 'routes/page-without-tag', ...facts } } as const]),
        ...(sameTag.length < 2 || !isFirst
          ? []
          : [
              {
                at: release,
                facts: { code: 'routes/page-twice', ...facts, entries: sameTag.map((one) => `${one.release.label} in ${one.repo.label}`) },
              } as const,
            ]),
      ]
    })
  })
}

const isOfTag = compare(variable('CI_COMMIT_TAG'), '!=', nothing)
const isOfBranch = compare(variable('CI_COMMIT_BRANCH'), '!=', nothing)
const hasDefaultBranch = compare(variable('CI_DEFAULT_BRANCH'), '!=', nothing)

/** A kind that publishes has to name tags or branches: any protected ref is too many. */
function checkRefs(kinds: readonly PipelineKind[], releases: readonly Release[]): readonly Recorded[] {
  return kinds.flatMap((kind): Recorded[] => {
    if (!releases.some((release) => release.publishesIn(kind))) return []
    const named = decide(any([isOfTag, isOfBranch]), { variables: {}, holds: [kind.props.when.ast, hasDefaultBranch] })
    return named === 'always' ? [] : [{ at: kind, facts: { code: 'kinds/no-ref', kind: kind.label } }]
  })
}

function checkRelease(release: Release): readonly Recorded[] {
  if (release.targets.length === 0) return [{ at: release, facts: { code: 'routes/empty', release: release.label } }]
  return release.targets.flatMap((target) => [
    ...[...target.routes].flatMap(([kind, route]) => checkRoute(target, kind, route)),
    ...checkReadBack(target),
  ])
}

function checkRoute(target: ReleaseTarget, kind: PipelineKind, route: KindRoute): readonly Recorded[] {
  const places = [...(route.staging === undefined ? [] : [route.staging]), ...route.public.map(({ repo }) => repo)]
  const foreign = [kind, ...places].find(({ node }) => node.root !== target.node.root)
  const issues: readonly IssueFacts[] = [
    ...(foreign === undefined ? [] : [{ code: 'routes/foreign', kind: kind.label, name: foreign.label } as const]),
    ...checkFormats(target, places),
    ...checkTwice(target, kind, route),
  ]
  return issues.map((facts) => ({ at: target, facts }))
}

function checkFormats(target: ReleaseTarget, places: readonly (StagingRepo | PublicRepo)[]): readonly IssueFacts[] {
  const refused = (format: Format, taken: readonly Format[] = [format]) =>
    places
      .filter(({ at }) => !at.formats.some((one) => taken.includes(one)))
      .map(({ label: repository }): IssueFacts => ({ code: 'routes/format', target: target.label, repository, format }))
  if (target instanceof ContainerImage) return refused('image')
  if (target instanceof FileTarget) return refused('file')
  if (!(target instanceof PackageTarget)) return []
  const formats = new Set(target.packages.flatMap((glob) => (glob.endsWith('.deb') ? 'deb' : glob.endsWith('.rpm') ? 'rpm' : [])))
  const none = refused('deb', ['deb', 'rpm'])
  return none.length > 0 ? none : [...formats].flatMap((format) => refused(format))
}

/** If two destinations are the same, the second would be a conflict of the release with itself. */
function checkTwice(target: ReleaseTarget, kind: PipelineKind, { public: destinations }: KindRoute): readonly IssueFacts[] {
  const distributions = target instanceof PackageTarget ? [target.distribution, ...target.also] : [undefined]
  const seen = new Set<string>()
  return destinations.flatMap(({ repo }) =>
    distributions.flatMap((distribution): readonly IssueFacts[] => {
      const place = `${distribution} in ${repo.label}`
      if (!seen.has(place)) {
        seen.add(place)
        return []
      }
      return [
        { code: 'routes/destination-twice', kind: kind.label, repository: repo.label, ...(distribution !== undefined && { distribution }) },
      ]
    }),
  )
}

function checkVersions(releases: readonly Release[]): readonly Recorded[] {
  const kinds = new Set(releases.flatMap(({ targets }) => targets.flatMap(({ routes }) => [...routes.keys()])))
  return [...kinds].flatMap((kind) =>
    kind.version === null && releases.some((release) => release.stagesIn(kind))
      ? [{ at: kind, facts: { code: 'kinds/no-version', kind: kind.label } }]
      : [],
  )
}
