import type { IConstruct } from 'constructs'
import { type Issue, issueAt } from '../issue.js'
import { Release } from '../release/release.js'
import { PublicRepo, StagingRepo } from '../release/repositories.js'
import { allOf } from '../release/route.js'
import { placeOf } from '../repository/index.js'

/** What is wrong with the releases of an app, beside what the document shows. */
export function checkReleases(root: IConstruct): readonly Issue[] {
  return [...checkPlaces(root), ...allOf(root, Release).flatMap(checkRelease)]
}

/** Two addresses of one place may not be both staging and public: staging would be public at once. */
function checkPlaces(root: IConstruct): readonly Issue[] {
  const publics = allOf(root, PublicRepo)
  return allOf(root, StagingRepo).flatMap((staging) => {
    const place = placeOf(staging.at)
    const same = publics.find(({ at }) => placeOf(at) === place)
    return same === undefined ? [] : [issueAt(same, { code: 'gate/same-place', staging: staging.label, public: same.label, place })]
  })
}

function checkRelease(release: Release): readonly Issue[] {
  if (release.targets.length === 0) return [issueAt(release, { code: 'routes/empty', release: release.label })]
  const kinds = [...new Set(release.targets.flatMap(({ routes }) => [...routes.keys()]))]
  return kinds.flatMap((kind) =>
    release.stagesIn(kind) && kind.version === null ? [issueAt(kind, { code: 'kinds/no-version', kind: kind.label })] : [],
  )
}
