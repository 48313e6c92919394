import type { PlannedRelease, ReleasePlan } from '@stagegate/schema'
import { noFacts, type ReleaseFacts } from '../check/gate/facts.js'

/** Facts about the jobs of a pipeline, from its release plan. */
export function planFacts(plan: ReleasePlan | undefined): ReleaseFacts {
  if (plan === undefined) return noFacts
  const { releases, repositories } = plan
  const kinds = Object.keys(plan.kinds)
  const targets = releases.flatMap((release) => release.targets.map((target) => ({ release, target })))
  const seals = [...releases.map(({ jobs }) => jobs.seal), ...targets.map(({ target }) => target.jobs.seal)]
  const remotes = releases.flatMap(({ deployments }) => deployments.flatMap(({ job, remote }) => (remote ? [{ job, remote }] : [])))
  const approvals = releases.flatMap(({ jobs }) => jobs.approve ?? [])
  return {
    ...noFacts,
    publishers: new Map(
      targets.map(({ release, target }) => [
        target.jobs.publish,
        new Map(kinds.filter((kind) => (target.routes[kind]?.public.length ?? 0) > 0).map((kind) => [kind, gatesOf(release, kind)])),
      ]),
    ),
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
    credentials: Object.entries(repositories).flatMap(([repository, { role, credentials }]) =>
      role === 'public' ? credentials.write.map((variable) => ({ repository, variable })) : [],
    ),
  }
}

function gatesOf({ jobs, deployments }: PlannedRelease, kind: string): readonly string[] {
  const gating = deployments.filter(({ gates, kinds }) => gates && kinds.includes(kind))
  return [...new Set([jobs.seal, ...gating.flatMap(({ job, confirm }) => [job, ...(confirm === undefined ? [] : [confirm])])])]
}
