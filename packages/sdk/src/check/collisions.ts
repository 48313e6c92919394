import { posix } from 'node:path'
import type { Recorded } from '../issue/facts.js'
import type { PipelineKind } from '../kind.js'
import { ContainerImage } from '../release/image.js'
import type { Release } from '../release/release.js'
import type { PublicRepo, StagingRepo } from '../release/repositories.js'
import { PackageTarget, type ReleaseTarget } from '../release/target.js'
import { imagePlaceOf } from '../repository/index.js'

/** Something that only one target can have. */
interface Claim {
  readonly key: string
  readonly what: string
  readonly repository: string
}

/** Two targets for one file or one tag: the second would be a conflict, or replace the first in staging. */
export function checkCollisions(releases: readonly Release[]): readonly Recorded[] {
  const targets = releases.flatMap((release) => release.targets)
  const kinds = new Set(targets.flatMap(({ routes }) => [...routes.keys()]))
  const told = new Set<string>()
  return [...kinds].flatMap((kind) => {
    const taken = new Map<string, ReleaseTarget>()
    return targets.flatMap((target) =>
      claimsOf(target, kind).flatMap(({ key, what, repository }): Recorded[] => {
        const first = taken.get(key) ?? target
        taken.set(key, first)
        const pair = JSON.stringify([first.path, target.path])
        if (first === target || told.has(pair)) return []
        told.add(pair)
        const facts = { kind: kind.label, target: target.label, first: first.label, made: first.source, what, repository }
        return [{ at: target, facts: { code: 'routes/collision', ...facts } }]
      }),
    )
  })
}

function claimsOf(target: ReleaseTarget, kind: PipelineKind): readonly Claim[] {
  if (target instanceof ContainerImage) return imageClaims(target, kind)
  return target instanceof PackageTarget ? packageClaims(target, kind) : []
}

function imageClaims(target: ContainerImage, kind: PipelineKind): readonly Claim[] {
  const route = target.routes.get(kind)
  const claims = (repo: StagingRepo | PublicRepo, tags: readonly string[]) =>
    tags.map((tag) => ({
      key: `${imagePlaceOf(repo.at, target.imageName)}:${tag}`,
      what: `the tag ${tag} of ${target.imageName}`,
      repository: repo.label,
    }))
  const [own = ''] = target.tagsIn(kind)
  return [
    ...(route?.public ?? []).flatMap(({ repo }) => claims(repo, target.tagsIn(kind))),
    ...(route?.staging === undefined ? [] : claims(route.staging, [own])),
  ]
}

/** The files that are known before they are built: those with a whole name, and those of one build that both targets use. */
function packageClaims(target: PackageTarget, kind: PipelineKind): readonly Claim[] {
  const { packages, also, jobs } = target
  const files = packages.flatMap((glob) => [
    ...(/\.(?:deb|rpm)$/.test(glob) && !/[*?[{$]/.test(glob) ? [{ key: posix.basename(glob), what: posix.basename(glob) }] : []),
    { key: `${jobs.build.path} ${posix.normalize(glob)}`, what: `${glob} of ${jobs.build.name}` },
  ])
  return (target.routes.get(kind)?.public ?? []).flatMap(({ repo }) =>
    [target.distribution, ...also].flatMap((distribution) =>
      files.map(({ key, what }) => ({
        key: JSON.stringify([repo.path, distribution, key]),
        what: `${what} for ${distribution}`,
        repository: repo.label,
      })),
    ),
  )
}
