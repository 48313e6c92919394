import {
  type Flavour,
  flavoured,
  type PlannedDeployment,
  type PlannedDestination,
  type PlannedPage,
  type PlannedRelease,
  type PlannedRepository,
  type PlannedRoute,
  type PlannedTarget,
  type ReleasePlan,
  type Sha256,
} from '@stagegate/schema'
import type { PipelineKind } from '../kind.js'
import type { Deployment } from '../release/deployment.js'
import { FileTarget } from '../release/file-target.js'
import { ContainerImage } from '../release/image.js'
import { plannedTag } from '../release/image-tags.js'
import type { Page } from '../release/page.js'
import { readingOf } from '../release/read-back.js'
import type { Release } from '../release/release.js'
import { plannedRemote } from '../release/remote.js'
import { PublicRepo, type StagingRepo } from '../release/repositories.js'
import { allOf } from '../release/route.js'
import { PackageTarget, type ReleaseTarget } from '../release/target.js'
import { moduleFileOf } from '../repository/index.js'
import { plannedCondition } from './planned-condition.js'

export interface PlanInput {
  readonly generator: string
  readonly project: ReleasePlan['project']
  readonly records: ReleasePlan['records']
  readonly allowedVariables: readonly string[]
  readonly kinds: readonly PipelineKind[]
  readonly repositories: readonly (StagingRepo | PublicRepo)[]
  /** The digests of modules by path. A module that cannot be read is an error, and no plan is written. */
  readonly modules: ReadonlyMap<string, Sha256>
  readonly releases: readonly Release[]
}

/** Everything that the jobs need to know, as one document. */
export function renderPlan({
  generator,
  project,
  records,
  allowedVariables,
  kinds,
  repositories,
  modules,
  releases,
}: PlanInput): ReleasePlan {
  return {
    apiVersion: 'stagegate/v1',
    kind: 'ReleasePlan',
    generator,
    project,
    records,
    allowedVariables: [...allowedVariables],
    kinds: Object.fromEntries(
      kinds.map((kind) => [
        kind.label,
        {
          when: plannedCondition(kind.props.when.ast),
          version: kind.version,
          publishes: releases.some((release) => release.publishesIn(kind)),
        },
      ]),
    ),
    repositories: Object.fromEntries(repositories.map((repository) => [repository.label, plannedRepository(repository, modules)])),
    releases: releases.map((release) => plannedRelease(release, kinds)),
  }
}

function plannedRepository(repository: StagingRepo | PublicRepo, modules: PlanInput['modules']): PlannedRepository {
  const { type, module, origin, ca, settings, read, write } = repository.at
  const path = moduleFileOf(module ?? '')
  const digest = modules.get(path)
  return {
    role: repository instanceof PublicRepo ? 'public' : 'staging',
    type,
    ...(digest !== undefined && { module: { path, sha256: digest } }),
    origin,
    ...(ca !== undefined && { ca }),
    settings,
    credentials: { read: read.map(({ variable }) => variable), write: write.map(({ variable }) => variable) },
  }
}

function plannedRelease(release: Release, kinds: readonly PipelineKind[]): PlannedRelease {
  return {
    id: release.label,
    hold: release.hold.seconds,
    approval: release.approval,
    jobs: { seal: release.jobs.seal.name, ...(release.approval === 'once' && { approve: release.jobs.approve.name }) },
    targets: release.targets.map(plannedTarget),
    deployments: release.deployments.map((deployment) => plannedDeployment(deployment, kinds)),
    ...(release.pages.length > 0 && { pages: release.pages.map(plannedPage) }),
  }
}

function plannedDeployment(deployment: Deployment, kinds: readonly PipelineKind[]): PlannedDeployment {
  const { label, job, gate, gates, remote, props } = deployment
  return {
    id: label,
    job: job.name,
    ...(props.environment !== undefined && { environment: props.environment }),
    kinds: kinds.filter((kind) => deployment.isIn(kind)).map((kind) => kind.label),
    ...(gate !== job && { confirm: gate.name }),
    gates,
    ...(remote !== undefined && { remote: plannedRemote(remote) }),
  }
}

function plannedPage({ repo, job, late }: Page): PlannedPage {
  const { notes, ref } = repo.at.page ?? {}
  return {
    repository: repo.label,
    job: job.name,
    late: Object.fromEntries([...late].map(([target, { name }]) => [target.label, name])),
    ...(notes !== undefined && { notes }),
    ...(ref !== undefined && { ref }),
  }
}

function plannedTarget(target: ReleaseTarget): PlannedTarget {
  const { build, stage, seal, publish, verify } = target.jobs
  return {
    id: target.label,
    optional: target.optional,
    what: plannedWhat(target),
    verify: target instanceof ContainerImage ? 'oci' : readingOf(target.props.verify ?? 'http').by,
    jobs: { build: build.name, stage: stage.name, seal: seal.name, publish: publish.name, verify: verify.name },
    routes: Object.fromEntries([...target.routes].map(([kind, route]) => [kind.label, plannedRoute(target, route)])),
  }
}

function plannedWhat(target: ReleaseTarget): PlannedTarget['what'] {
  if (target instanceof ContainerImage) return plannedImage(target)
  if (target instanceof FileTarget) return { type: 'file', files: [...target.files], path: target.folder }
  return plannedPackages(target)
}

function plannedImage(target: ContainerImage): PlannedTarget['what'] {
  const { imageName, layout, platforms } = target
  const others = flavoursBeside(target)
  return {
    type: 'image',
    image: imageName,
    ...(layout !== undefined && { layout }),
    ...(platforms !== undefined && { platforms: [...platforms] }),
    tags: target.tags.map((rule) => plannedTag(rule, target.kindsOf(rule))),
    ...(others.length > 0 && { flavours: [...others] }),
  }
}

/** The flavours of other targets that publish the same image name. */
function flavoursBeside(target: ContainerImage): readonly Flavour[] {
  const own = flavoured('VERSION', target.flavour)
  const others = allOf(target.node.root, ContainerImage).filter(({ imageName }) => imageName === target.imageName)
  const flavours = new Map(others.map(({ flavour }) => [flavoured('VERSION', flavour), flavour]))
  return [...flavours].flatMap(([text, flavour]) => (text === own ? [] : [flavour]))
}

function plannedPackages(target: ReleaseTarget): PlannedTarget['what'] {
  const isPackage = target instanceof PackageTarget
  return {
    type: 'package',
    files: isPackage ? [...target.packages] : [],
    ...(isPackage && { distribution: target.distribution }),
    ...(isPackage && target.architecture !== undefined && { architecture: target.architecture }),
    ...(isPackage && target.props.versions !== undefined && { versions: target.props.versions }),
  }
}

function plannedRoute(
  target: ReleaseTarget,
  { staging, public: destinations }: { staging: StagingRepo | undefined; public: readonly { repo: PublicRepo; advisory: boolean }[] },
): PlannedRoute {
  const also = target instanceof PackageTarget ? target.also : []
  return {
    ...(staging !== undefined && { staging: staging.label }),
    public: destinations.flatMap(({ repo, advisory }): PlannedDestination[] => [
      { repository: repo.label, advisory },
      ...also.map((distribution) => ({ repository: repo.label, distribution, advisory })),
    ]),
  }
}
