import {
  describeCoordinates,
  GateError,
  instant,
  jobFolders,
  type ReleaseManifest,
  type ReleasePlan,
  type StagingAttempt,
  type StagingRecord,
  UsageError,
} from '@stagegate/schema'
import { expectStaged, type PublicRepository, seal } from '@stagegate/uploader'
import { expectRecorded, findRelease, findTarget, recordSeal, type SealSupplementOptions, sealSupplement } from '@stagegate/uploader/gitlab'
import type { Command } from 'commander'
import { tryCertificates } from '../job/certificates.js'
import { manifestPathFor, readManifest, readStaging, writeManifest } from '../job/documents.js'
import { refuseLostSeal } from '../job/earlier-seal.js'
import { type Job, openJob } from '../job/job.js'
import { openNamed, tryModules } from '../job/repositories.js'
import { whileRunning } from '../job/stop.js'
import { provePlace } from '../job/write-whole.js'
import { type Output, outputFor } from '../print/output.js'
import { size, table } from '../print/table.js'
import { type CommonOptions, jobOptions, newCommand } from './options.js'

const description = `Makes the release manifest from all staging records in ${jobFolders.records}/, records it as the only one of its version, and
prints it as a table to approve, with its digest. A version is sealed once: sealing other artifacts under it is refused.`

export function sealCommand(): Command {
  return jobOptions(newCommand('seal', 'make the list of everything that will be published', description))
    .option('--target <id>', 'seal only this optional target, as a supplement to the sealed release')
    .action(async (options: CommonOptions & { target?: string }) => {
      const { target, release } = options
      const output = outputFor(options.json === true)
      const job = await openJob(options, (plan) => sealJobName(plan, target, release))
      const records = finished(job.plan, await readStaging(), target)
      const common = { origin: job.origin, now: instant(Date.now()), release, variables: process.env }
      const made = target === undefined ? seal(job.plan, records, common) : await supplementTo(job, records, { ...common, target })
      await tryModules(job)
      await tryCertificates(job.plan, instant(Date.now()))
      // If the seal is lost, or staging has lost artifacts, the version is used up for nothing.
      await provePlace(manifestPathFor(target))
      if ((await job.records.find(made.release, made.version, target)) === undefined) {
        if (target === undefined) await refuseLostSeal(made)
        await whileRunning((signal) => lookIntoStaging(job, made, signal, output))
      }
      const manifest = await recordSeal(made, job.records)
      const digest = await writeManifest(manifest, target)
      for (const line of sealTable(manifest)) output.log(line)
      for (const warning of records.flatMap(({ warnings = [] }) => warnings)) output.log(`Warning: ${warning}.`)
      output.log(
        `Sealed ${manifest.release} ${manifest.version} until ${manifest.expiresAt}${manifest.origin.rehearsal ? ' (rehearsal)' : ''}.`,
      )
      output.log(`Manifest digest: ${digest}`)
      output.document(manifest)
    })
}

/** A supplement to the manifest in this folder, whose own record must still be there. */
async function supplementTo(job: Job, records: readonly StagingRecord[], options: SealSupplementOptions): Promise<ReleaseManifest> {
  const main = await readManifest()
  const made = sealSupplement(job.plan, main, records, options)
  await expectRecorded(main, job.records)
  return made
}

/**
 * The records of the finished stage jobs. An optional target that was not requested does not matter.
 * @throws {GateError} another stage job is not finished
 */
function finished(
  plan: ReleasePlan,
  found: readonly (StagingRecord | StagingAttempt)[],
  wanted: string | undefined,
): readonly StagingRecord[] {
  return found.flatMap((one) => {
    if (one.kind === 'StagingRecord') return [one]
    const { target, release, origin, begunAt } = one
    const planned = plan.releases.find(({ id }) => id === release)?.targets.find(({ id }) => id === target)
    if (planned?.optional === true && target !== wanted) return []
    throw new GateError({
      code: 'gate/not-staged',
      what: `${origin.job.name} began to stage ${target} at ${begunAt}, but did not finish`,
      next: 'Nothing was sealed. Run that job again; it sends only what is missing.',
    })
  })
}

/** Checks that staging has everything, as far as this job may look: it has no credential. */
async function lookIntoStaging(job: Job, made: ReleaseManifest, signal: AbortSignal, output: Output): Promise<void> {
  const repositories = new Map<string, PublicRepository>()
  for (const name of new Set(made.targets.flatMap(({ artifacts }) => artifacts.map(({ repository }) => repository)))) {
    try {
      for (const [, repository] of await openNamed(job, new Map([[name, 'read']]))) repositories.set(name, repository)
    } catch (error) {
      if (!(error instanceof UsageError && error.code === 'usage/secret-missing')) throw error
      output.log(`Could not check ${name}: ${error.what}.`)
    }
  }
  await expectStaged(made, { repositories, signal })
}

function sealJobName(plan: ReleasePlan, target: string | undefined, release: string | undefined): string {
  const holder = target === undefined ? findRelease(plan, release) : findTarget(plan, target, release).target
  return holder.jobs.seal
}

function sealTable({ targets }: ReleaseManifest): readonly string[] {
  const rows = targets.flatMap(({ target, artifacts, destinations }) =>
    artifacts.map(({ coordinates, content }) => [
      target,
      describeCoordinates(coordinates),
      size(content.size),
      content.sha256,
      destinations
        .map(
          ({ repository, distribution, advisory }) =>
            `${repository}${distribution === undefined ? '' : ` (${distribution})`}${advisory ? ' (advisory)' : ''}`,
        )
        .join(', ') || 'nowhere',
    ]),
  )
  return table([['target', 'package', 'size', 'sha256', 'goes to'], ...rows])
}
