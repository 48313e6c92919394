import type { IConstruct } from 'constructs'
import type { JobDocument } from '../../gitlab/document.js'
import type { Job } from '../../job/job.js'
import { PipelineKind } from '../../kind.js'
import { ContainerImage } from '../../release/image.js'
import type { Page } from '../../release/page.js'
import { Release } from '../../release/release.js'
import { PublicRepo } from '../../release/repositories.js'
import { allOf } from '../../release/route.js'
import type { ReleaseTarget } from '../../release/target.js'
import { storeOf } from '../../repository/index.js'
import { isEverywhere } from '../../secret.js'
import type { WholePipeline } from '../include/whole.js'
import type { ReleaseFacts, StagerFacts } from './facts.js'

interface Made {
  readonly asMade: ReadonlyMap<string, JobDocument>
}

/** Reads from the tree the facts about a release's jobs that the document does not contain. */
export function releaseFacts(
  root: IConstruct,
  jobs: ReadonlyMap<string, Job>,
  { included, places, asMade, start }: Pick<WholePipeline, 'included' | 'places'> & Pick<ReleaseFacts, 'start'> & Made,
): ReleaseFacts {
  const releases = allOf(root, Release)
  const kinds = allOf(root, PipelineKind)
  const repos = allOf(root, PublicRepo)
  const targets = releases.flatMap((release) => release.targets)
  const deployments = releases.flatMap((release) => release.deployments)
  const remotes = deployments.filter(({ props }) => props.remote !== undefined).map(({ job }) => job)
  const shared = releases.flatMap(sharedJobs)
  const collects = releases.flatMap((release) => collectsOf(release, kinds))
  const gates = new Map(kinds.flatMap((kind) => kindGates(releases, kind)))
  const held = [...jobs].filter(([, job]) => job.held !== undefined)
  const made = targets.flatMap((target) => [target.jobs.stage, target.jobs.publish, target.jobs.verify])
  return {
    publishers: new Map([...releasePublishers(releases, kinds), ...held.map(([name]) => [name, gates] as const)]),
    gates,
    byHand: new Set(held.map(([name]) => name)),
    stagers: new Map(targets.map(stagerOf)),
    deployments: namesOf(deployments.flatMap(({ job, gate }) => [job, gate])),
    remotes: new Map(remotes.map((job) => [job.name, secretsOf(job)])),
    feeders: namesOf(shared),
    imageBuilds: namesOf(targets.flatMap((target) => (target instanceof ContainerImage ? [target.jobs.build] : []))),
    writers: namesOf([...shared, ...collects, ...remotes, ...made]),
    made: asMade,
    kept: new Map([...targets.flatMap(keptOf), ...releases.flatMap((release) => keptOfRelease(release, kinds)), ...keptOfAll(releases)]),
    credentials: repos.flatMap(credentialsOf),
    hasScopes: true,
    places: repos.flatMap(placesOf),
    announces: releases.some(({ pages }) => pages.length > 0),
    trustsJobs: repos.some(({ trustsJobs }) => trustsJobs !== undefined),
    secrets: new Map([...jobs].map(([name, job]) => [name, secretsOf(job)])),
    files: filesOf([...jobs.values()]),
    exempt: new Map([...jobs].flatMap(([name, { exempt }]) => (exempt === undefined ? [] : [[name, exempt] as const]))),
    sources: new Map([...places, ...[...jobs].map(([name, { source }]) => [name, source] as const)]),
    origins: new Map(),
    included,
    start,
  }
}

function releasePublishers(releases: readonly Release[], kinds: readonly PipelineKind[]): ReleaseFacts['publishers'] {
  const targets = releases.flatMap((release) => release.targets)
  const pages = releases.flatMap((release) => release.pages)
  return new Map([
    ...targets.map((target) => [target.jobs.publish.name, gatesOf(target, kinds)] as const),
    ...pages.flatMap((page) => page.jobs.map((job) => [job.name, gatesOfPage(page, kinds)] as const)),
  ])
}

/** The secrets with which a public repository is written to. One that every job has is reported once, on the repository. */
function credentialsOf({ label, at }: PublicRepo): ReleaseFacts['credentials'] {
  return at.write
    .filter((secret) => !isEverywhere(secret))
    .map(({ variable, vault, idToken }) => ({ repository: label, variable, vault, idToken }))
}

/** How a script names a public repository: a tool gets its path or its bucket, and a registry precedes an image's name. */
function placesOf({ label, at }: PublicRepo): ReleaseFacts['places'] {
  const { type, settings } = storeOf(at)
  const { path, repository, prefix, bucket } = settings
  const host = at.origin === '' ? '' : new URL(at.origin).host.replace(/^registry-1\.docker\.io$/, 'docker.io')
  const name =
    type === 'registry'
      ? [host, prefix].filter(Boolean).join('/')
      : type === 's3' || type === 'gcs'
        ? `${type === 's3' ? 's3' : 'gs'}://${[bucket, prefix].filter(Boolean).join('/')}`
        : type === 'http-files'
          ? `${host}${String(path ?? '')}`
          : String(path ?? repository ?? '')
  if (name === '' || name === '/') return []
  const written = name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return [{ pattern: new RegExp(`(?<![\\w.-])${written}(?![\\w-])`), way: `it names the public repository ${label}, ${name}` }]
}

function filesOf(jobs: readonly Job[]): ReadonlySet<string> {
  const secrets = jobs.flatMap(({ definition }) => definition.secrets)
  const values = new Set(secrets.flatMap(({ variable, file }) => (file === undefined ? [variable] : [])))
  return new Set(secrets.map(({ variable }) => variable).filter((variable) => !values.has(variable)))
}

function namesOf(jobs: readonly Job[]): ReadonlySet<string> {
  return new Set(jobs.map(({ name }) => name))
}

function secretsOf(job: Job): readonly string[] {
  return job.definition.secrets.map(({ variable }) => variable)
}

/** The jobs of a release that every target's publish job depends on. */
function sharedJobs({ jobs, targets }: Release): readonly Job[] {
  return [jobs.prepare, jobs.approve, jobs.seal, ...targets.map((target) => target.jobs.seal)]
}

function collectsOf(release: Release, kinds: readonly PipelineKind[]): readonly Job[] {
  return kinds.flatMap((kind) => release.collectsIn(kind))
}

function stagerOf({ jobs, optional }: ReleaseTarget): readonly [string, StagerFacts] {
  return [jobs.stage.name, { build: jobs.build.name, seal: jobs.seal.name, required: !optional }]
}

/** The gates of everything that a kind publishes; empty if it publishes nothing. */
function kindGates(releases: readonly Release[], kind: PipelineKind): readonly (readonly [kind: string, gates: readonly string[]])[] {
  const publishing = releases.filter((release) => release.publishesIn(kind))
  return publishing.length === 0 ? [] : [[kind.label, [...new Set(publishing.flatMap((release) => releaseGates(release, kind)))]]]
}

function gatesOf(target: ReleaseTarget, kinds: readonly PipelineKind[]): ReadonlyMap<string, readonly string[]> {
  const published = kinds.filter((kind) => (target.routes.get(kind)?.public.length ?? 0) > 0)
  return new Map(published.map((kind) => [kind.label, releaseGates(target.release, kind)]))
}

function gatesOfPage(page: Page, kinds: readonly PipelineKind[]): ReadonlyMap<string, readonly string[]> {
  const there = kinds.filter((kind) => page.goesThere(kind))
  return new Map(there.map((kind) => [kind.label, releaseGates(page.release, kind)]))
}

/** The seal, every deployment that publishing waits for, and the jobs that confirm them. */
function releaseGates(release: Release, kind: PipelineKind): readonly string[] {
  const deployments = release.deployments.filter((deployment) => deployment.gates && deployment.isIn(kind))
  return [...new Set([release.jobs.seal, ...deployments.flatMap(({ job, gate }) => [job, gate])].map(({ name }) => name))]
}

type Kept = readonly (readonly [job: string, seconds: number])[]

function keptOf({ release, jobs }: ReleaseTarget): Kept {
  return [jobs.stage, jobs.seal, jobs.publish].map(({ name }) => [name, release.keep.seconds])
}

function keptOfRelease(release: Release, kinds: readonly PipelineKind[]): Kept {
  return [...collectsOf(release, kinds), release.jobs.seal].map(({ name }) => [name, release.keep.seconds])
}

/** `prepare` serves all releases, so it is kept as long as the longest of them needs. */
function keptOfAll(releases: readonly Release[]): Kept {
  return releases.slice(0, 1).map(({ jobs }) => [jobs.prepare.name, Math.max(...releases.map(({ keep }) => keep.seconds))])
}
