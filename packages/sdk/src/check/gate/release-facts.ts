import type { IConstruct } from 'constructs'
import type { Job } from '../../job/job.js'
import { PipelineKind } from '../../kind.js'
import { Release } from '../../release/release.js'
import { PublicRepo } from '../../release/repositories.js'
import { allOf } from '../../release/route.js'
import type { ReleaseTarget } from '../../release/target.js'
import { isEverywhere } from '../../secret.js'
import type { Whole } from '../include/whole.js'
import type { ReleaseFacts, StagerFacts } from './facts.js'

/** What the tree knows of the jobs that it rendered. */
export function releaseFacts(
  root: IConstruct,
  jobs: ReadonlyMap<string, Job>,
  { included, places }: Omit<Whole, 'document'>,
): ReleaseFacts {
  const releases = allOf(root, Release)
  const kinds = allOf(root, PipelineKind)
  const targets = releases.flatMap((release) => release.targets)
  const collects = releases.flatMap((release) => kinds.flatMap((kind) => release.collectsIn(kind).map((job) => ({ job, release }))))
  const remotes = releases.flatMap(({ deployments }) => deployments.filter(({ props }) => props.remote !== undefined))
  const seals = releases.flatMap((release) => [release.jobs.seal, ...release.targets.map(({ jobs: { seal } }) => seal)])
  const shared = [...releases.flatMap(({ jobs: { prepare, approve } }) => [prepare, approve]), ...seals]
  return {
    publishers: new Map(targets.map((target) => [target.jobs.publish.name, gatesOf(target, kinds)])),
    gates: new Map(
      kinds.flatMap((kind) => {
        const publishing = releases.filter((release) => release.publishesIn(kind))
        return publishing.length === 0 ? [] : [[kind.label, [...new Set(publishing.flatMap((release) => releaseGates(release, kind)))]]]
      }),
    ),
    stagers: new Map(
      targets.map((target): [string, StagerFacts] => [target.jobs.stage.name, { seal: target.jobs.seal.name, required: !target.optional }]),
    ),
    deployments: new Set(releases.flatMap(({ deployments }) => deployments.flatMap(({ job, gate }) => [job.name, gate.name]))),
    remotes: new Map(remotes.map(({ job }) => [job.name, job.definition.secrets.map(({ variable }) => variable)])),
    feeders: new Set(shared.map(({ name }) => name)),
    writers: new Set(
      [
        ...shared,
        ...[...collects, ...remotes].map(({ job }) => job),
        ...targets.flatMap(({ jobs: made }) => [made.stage, made.publish, made.verify]),
      ].map(({ name }) => name),
    ),
    kept: new Map([
      ...targets.flatMap((target) => keptOf(target)),
      ...collects.map(({ job, release }) => [job.name, release.keep.seconds] as const),
      ...releases.map((release) => [release.jobs.seal.name, release.keep.seconds] as const),
      ...releases
        .slice(0, 1)
        .map(({ jobs: { prepare } }) => [prepare.name, Math.max(...releases.map(({ keep }) => keep.seconds))] as const),
    ]),
    // What every job has is said of its repository, and would be said of every job.
    credentials: allOf(root, PublicRepo).flatMap(({ label, at }) =>
      at.write.filter((secret) => !isEverywhere(secret)).map(({ variable, vault }) => ({ repository: label, variable, vault })),
    ),
    secrets: new Map([...jobs].map(([name, job]) => [name, job.definition.secrets.map(({ variable }) => variable)])),
    exempt: new Map([...jobs].flatMap(([name, { exempt }]) => (exempt === undefined ? [] : [[name, exempt] as const]))),
    sources: new Map([...places, ...[...jobs].map(([name, { source }]) => [name, source] as const)]),
    included,
  }
}

function gatesOf(target: ReleaseTarget, kinds: readonly PipelineKind[]): ReadonlyMap<string, readonly string[]> {
  const published = kinds.filter((kind) => (target.routes.get(kind)?.public.length ?? 0) > 0)
  return new Map(published.map((kind) => [kind.label, releaseGates(target.release, kind)]))
}

/** The seal, every deployment that publishing waits for, and what confirms it. */
function releaseGates(release: Release, kind: PipelineKind): readonly string[] {
  const deployments = release.deployments.filter((deployment) => deployment.gates && deployment.isIn(kind))
  return [...new Set([release.jobs.seal, ...deployments.flatMap(({ job, gate }) => [job, gate])].map(({ name }) => name))]
}

function keptOf({ release, jobs }: ReleaseTarget): readonly (readonly [job: string, seconds: number])[] {
  return [jobs.stage, jobs.seal, jobs.publish].map(({ name }) => [name, release.keep.seconds] as const)
}
