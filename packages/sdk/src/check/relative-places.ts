import type { IConstruct } from 'constructs'
import type { Recorded } from '../issue/facts.js'
import type { PipelineKind } from '../kind.js'
import type { Release } from '../release/release.js'
import { type RepositoryAddress, storeOf } from '../repository/index.js'

/** The root, with the place of the seals. */
export interface RecordsAt {
  readonly records: RepositoryAddress | 'gitlab' | undefined
  readonly at: IConstruct & Recorded['at']
}

/**
 * Directories below the project's folder, in kinds that publish: a runner empties that folder before each job, so the next job would not
 * find what was staged, sealed or published.
 */
export function checkRelativePlaces(releases: readonly Release[], { records, at }: RecordsAt): readonly Recorded[] {
  const found = new Map<Recorded['at'], Recorded>()
  const look = (place: Recorded['at'], address: RepositoryAddress, repository: string, kind: PipelineKind) => {
    const { type, settings } = storeOf(address)
    const path = String(settings['path'] ?? '')
    if ((type !== 'directory' && type !== 'oci-layout') || path.startsWith('/') || found.has(place)) return
    found.set(place, { at: place, facts: { code: 'routes/relative-path', repository, directory: path, kind: kind.label } })
  }
  for (const { routes } of releases.flatMap(({ targets }) => targets)) {
    for (const [kind, route] of routes) {
      if (route.staging === undefined || route.public.length === 0) continue
      for (const repo of [route.staging, ...route.public.map(({ repo }) => repo)]) look(repo, repo.at, repo.label, kind)
      if (records !== undefined && records !== 'gitlab') look(at, records, 'the records', kind)
    }
  }
  return [...found.values()]
}
