import { describeCoordinates, instant, type ReleaseManifest, type ReleasePlan } from '@stagegate/schema'
import { findRelease, findTarget, recordSeal, seal, sealSupplement } from '@stagegate/uploader'
import type { Command } from 'commander'
import { readManifest, readRecords, writeManifest } from '../job/documents.js'
import { openJob } from '../job/job.js'
import { outputFor } from '../print/output.js'
import { size, table } from '../print/table.js'
import { type CommonOptions, jobOptions, newCommand } from './options.js'

const description = `Makes the release manifest of all staging records in .stagegate/records/, records it as the one of its version, and
prints it as the table to approve, with its digest. A version is sealed once: other artifacts under it are refused.`

export function sealCommand(): Command {
  return jobOptions(newCommand('seal', 'make the one list of what will be published', description))
    .option('--target <id>', 'an optional target: seal it by itself, as a supplement to the sealed release')
    .action(async (options: CommonOptions & { target?: string }) => {
      const { target, release } = options
      const output = outputFor(options.json === true)
      const job = await openJob(options, (plan) => sealJobName(plan, target, release))
      const records = await readRecords()
      const common = { origin: job.origin, now: instant(Date.now()), release, variables: process.env }
      const made =
        target === undefined
          ? seal(job.plan, records, common)
          : sealSupplement(job.plan, await readManifest(), records, { ...common, target })
      const manifest = await recordSeal(made, job.records)
      const digest = await writeManifest(manifest, target)
      for (const line of sealTable(manifest)) output.log(line)
      output.log(
        `Sealed ${manifest.release} ${manifest.version} until ${manifest.expiresAt}${manifest.origin.rehearsal ? ' (rehearsal)' : ''}.`,
      )
      output.log(`Manifest digest: ${digest}`)
      output.document(manifest)
    })
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
