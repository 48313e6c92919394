import type { IConstruct } from 'constructs'
import type { Construct } from '../construct.js'
import type { IssueFacts, Recorded } from '../issue/facts.js'
import { PipelineKind } from '../kind.js'
import { ContainerImage } from '../release/image.js'
import { Release } from '../release/release.js'
import { PublicRepo, StagingRepo } from '../release/repositories.js'
import { allOf, type KindRoute } from '../release/route.js'
import { PackageTarget, type ReleaseTarget } from '../release/target.js'
import { placeOf } from '../repository/index.js'

/** Finds problems of the releases that the document does not show. */
export function checkReleases(root: IConstruct): readonly Recorded[] {
  const releases = allOf(root, Release)
  return [...checkNames(root), ...checkPlaces(root), ...releases.flatMap(checkRelease), ...checkVersions(releases)]
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
  return allOf(root, StagingRepo).flatMap((staging) => {
    const place = placeOf(staging.at)
    const same = publics.find(({ at }) => placeOf(at) === place)
    return same === undefined ? [] : [{ at: same, facts: { code: 'gate/same-place', staging: staging.label, public: same.label, place } }]
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
