import { type Approval, GateError, type ReleaseManifest, type ReleasePlan } from '@stagegate/schema'
import type { Access, PublicRepository } from '@stagegate/uploader'
import { expectOrigin, expectPlan, findRelease, findTarget } from '@stagegate/uploader/gitlab'
import { manifestPathFor, readApproval, readManifest } from './documents.js'
import { type Job, type JobOptions, type NameOf, openJob } from './job.js'
import { openNamed } from './repositories.js'

/** Opens the repositories that a manifest's targets are read from and written to. */
export async function openFor(
  job: Job,
  manifest: ReleaseManifest,
  targets: readonly string[] | undefined,
  access: { staging: Access | undefined; public: Access | undefined },
): Promise<ReadonlyMap<string, PublicRepository>> {
  const wanted = new Map<string, Access>()
  for (const { target, artifacts, destinations } of manifest.targets) {
    if (targets !== undefined && !targets.includes(target)) continue
    for (const { repository } of artifacts) if (access.staging !== undefined) wanted.set(repository, access.staging)
    for (const { repository } of destinations) if (access.public !== undefined) wanted.set(repository, access.public)
  }
  for (const name of wanted.keys()) refuseOtherRole(job, name, manifest)
  return openNamed(job, wanted)
}

/** The manifest may send artifacts only to the plan's public repositories, and read them only from its staging ones. */
function refuseOtherRole({ plan }: Job, name: string, { targets }: ReleaseManifest): void {
  const role = plan.repositories[name]?.role
  const asStaging = targets.some(({ artifacts }) => artifacts.some(({ repository }) => repository === name))
  const asPublic = targets.some(({ destinations }) => destinations.some(({ repository }) => repository === name))
  if ((asStaging && role !== 'staging') || (asPublic && role !== 'public')) {
    throw new GateError({
      code: 'gate/role',
      what: `the manifest uses ${name} as a ${asStaging ? 'staging' : 'public'} repository, but the plan has it as ${role ?? 'none'}`,
    })
  }
}

export interface SealedOptions extends JobOptions {
  readonly release?: string | undefined
  readonly target?: readonly string[] | undefined
  readonly manifest?: string | undefined
}

/**
 * A job that works on sealed artifacts. The manifest decides the kind, if nothing else does.
 * @throws as `openJob`; {GateError} no manifest, one of another pipeline, or one that does not follow from the plan
 */
export async function openSealed(
  options: SealedOptions,
  nameOf: NameOf,
  anyJob = false,
): Promise<{ readonly job: Job; readonly manifest: ReleaseManifest }> {
  const read = (plan: ReleasePlan) => manifestFor(plan, options.manifest, options.target, options.release)
  const job = await openJob(options, nameOf, { anyJob, kindOf: async (plan) => (await read(plan)).origin.pipelineKind })
  const manifest = await read(job.plan)
  expectOrigin(manifest, job.origin)
  expectPlan(manifest, job.plan)
  return { job, manifest }
}

/** The manifest with these targets: the release's, or, for one optional target, its supplement. */
async function manifestFor(
  plan: ReleasePlan,
  path: string | undefined,
  targets: readonly string[] | undefined,
  release: string | undefined,
): Promise<ReleaseManifest> {
  const [only, ...others] = targets ?? []
  const supplement = only !== undefined && others.length === 0 && findTarget(plan, only, release).target.optional ? only : undefined
  return readManifest(path ?? manifestPathFor(supplement))
}

/** The approval, if one click covers the whole release; an optional target always has its own click. */
export async function approvalFor({ plan }: Job, { release, supplements }: ReleaseManifest): Promise<Approval | undefined> {
  return findRelease(plan, release).approval === 'once' && supplements === undefined ? readApproval() : undefined
}
