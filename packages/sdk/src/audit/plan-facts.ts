import type { PlannedDestination, PlannedRelease, ReleasePlan } from '@stagegate/schema'
import { noFacts, type ReleaseFacts } from '../check/gate/facts.js'
import { isEverywhere } from '../secret.js'

/** Facts about the jobs of a pipeline, from its release plan. */
export function planFacts(plan: ReleasePlan | undefined): ReleaseFacts {
  if (plan === undefined) return noFacts
  const { releases, repositories } = plan
  const kinds = Object.keys(plan.kinds)
  const targets = releases.flatMap((release) => release.targets.map((target) => ({ release, target })))
  const seals = [...releases.map(({ jobs }) => jobs.seal), ...targets.map(({ target }) => target.jobs.seal)]
  const remotes = releases.flatMap(({ deployments }) => deployments.flatMap(({ job, remote }) => (remote ? [{ job, remote }] : [])))
  const written = writtenWith(repositories)
  const approvals = releases.flatMap(({ jobs }) => jobs.approve ?? [])
  return {
    ...noFacts,
    publishers: publishersOf(releases, kinds),
    gates: new Map(
      kinds.flatMap((kind) => {
        const published = releases.filter(({ targets: all }) => all.some(({ routes }) => (routes[kind]?.public.length ?? 0) > 0))
        return published.length === 0 ? [] : [[kind, published.flatMap((release) => gatesOf(release, kind))] as const]
      }),
    ),
    stagers: new Map(
      targets.map(({ target }) => [target.jobs.stage, { build: target.jobs.build, seal: target.jobs.seal, required: !target.optional }]),
    ),
    deployments: new Set(
      releases.flatMap(({ deployments }) => deployments.flatMap(({ job, confirm }) => [job, ...(confirm === undefined ? [] : [confirm])])),
    ),
    remotes: new Map(remotes.map(({ job, remote: { trigger, read } }) => [job, [trigger, read]])),
    feeders: new Set(['prepare', ...seals, ...approvals]),
    writers: new Set([
      'prepare',
      ...seals,
      ...approvals,
      ...targets.flatMap(({ target: { jobs } }) => [jobs.stage, jobs.publish, jobs.verify]),
      ...remotes.map(({ job }) => job),
    ]),
    trustsJobs: written.some(isEverywhere),
    announces: releases.some(({ pages = [] }) => pages.length > 0),
    credentials: written.filter((credential) => !isEverywhere(credential)),
  }
}

/** Each job that publishes, and its gates by kind. */
function publishersOf(releases: readonly PlannedRelease[], kinds: readonly string[]): ReleaseFacts['publishers'] {
  const ofTargets = releases.flatMap((release) =>
    release.targets.map((target) => [target.jobs.publish, gatesIn(release, [target], kinds)] as const),
  )
  const ofPages = releases.flatMap((release) =>
    (release.pages ?? []).flatMap(({ repository, job, late }) => {
      const gates = gatesIn(release, release.targets, kinds, repository)
      return [job, ...Object.values(late)].map((name) => [name, gates] as const)
    }),
  )
  return new Map([...ofTargets, ...ofPages])
}

/** The variables with which public repositories are written to. */
function writtenWith(repositories: ReleasePlan['repositories']): ReleaseFacts['credentials'] {
  return Object.entries(repositories).flatMap(([repository, { role, credentials }]) =>
    role === 'public' ? credentials.write.map((variable) => ({ repository, variable })) : [],
  )
}

/** The gates in the kinds in which one of these targets is published: anywhere, or in this repository. */
function gatesIn(
  release: PlannedRelease,
  targets: PlannedRelease['targets'],
  kinds: readonly string[],
  repository?: string,
): ReadonlyMap<string, readonly string[]> {
  const isThere = (to: PlannedDestination) => repository === undefined || to.repository === repository
  const published = kinds.filter((kind) => targets.some(({ routes }) => routes[kind]?.public.some(isThere)))
  return new Map(published.map((kind) => [kind, gatesOf(release, kind)]))
}

function gatesOf({ jobs, deployments }: PlannedRelease, kind: string): readonly string[] {
  const gating = deployments.filter(({ gates, kinds }) => gates && kinds.includes(kind))
  return [...new Set([jobs.seal, ...gating.flatMap(({ job, confirm }) => [job, ...(confirm === undefined ? [] : [confirm])])])]
}
