import { describeCoordinates, jobFolders, type PlannedTarget, type StagingRecord, UsageError } from '@stagegate/schema'
import { builtLayout, stage } from '@stagegate/uploader'
import { findTarget } from '@stagegate/uploader/gitlab'
import type { Command } from 'commander'
import { builtFiles, refuseOutside } from '../job/built-files.js'
import { refuseLeftovers } from '../job/clean-folder.js'
import { documentPath, writeDocument } from '../job/documents.js'
import { openJob } from '../job/job.js'
import { openNamed } from '../job/repositories.js'
import { whileRunning } from '../job/stop.js'
import { writeAfterwards } from '../job/write-whole.js'
import { formFor } from '../print/form.js'
import { stagingWords } from '../print/outcome.js'
import { outputFor } from '../print/output.js'
import { size, table } from '../print/table.js'
import { TransferLog } from '../print/transfer-log.js'
import { type CommonOptions, jobOptions, newCommand } from './options.js'

const description = `Uploads one target's packages, files or image to its staging repository and writes the staging record to ${jobFolders.records}/. An image that
the build pushed to staging itself is looked up there, with everything that belongs to it.
Running it again sends nothing that is already there.`

interface Options extends CommonOptions {
  readonly target: string
  readonly tag?: string
}

export function stageCommand(): Command {
  return jobOptions(newCommand('stage', 'upload a target’s packages, files or image to staging', description))
    .requiredOption('--target <id>', 'the target')
    .option('--tag <tag>', 'the tag of an image in staging (default: one of this commit and pipeline)')
    .argument('[files...]', 'the packages or files, or the image’s OCI layout (default: the files that the target names)')
    .action(async (files: string[], options: Options) => {
      const output = outputFor(options.json === true)
      const job = await openJob(options, (plan) => findTarget(plan, options.target, options.release).target.jobs.stage)
      const { target } = findTarget(job.plan, options.target, options.release)
      const repository = target.routes[job.origin.pipelineKind]?.staging
      if (!job.origin.rehearsal && files.length === 0) await refuseLeftovers(target, job.plan)
      const { found, built } = await builtBy(target, files)
      const path = documentPath('records', target.id)
      const repositories = await openNamed(job, new Map(repository === undefined ? [] : [[repository, 'write']]))
      const log = new TransferLog({ form: formFor(output.stream, process.env), total: Math.max(1, found.length), words: stagingWords })
      const record = await whileRunning((signal) =>
        stage(job.plan, {
          target: target.id,
          release: options.release,
          files: found,
          tag: options.tag,
          built,
          origin: job.origin,
          variables: process.env,
          repositories,
          onBegin: (attempt) => writeDocument(path, attempt),
          onEvent: log.onEvent,
          signal,
        }),
      ).finally(() => log.close())
      const unwritten = await writeAfterwards(`${target.id} is staged in ${repository}`, 'record', () => writeDocument(path, record))
      if (unwritten !== undefined) throw unwritten
      for (const line of artifactTable(record)) output.log(line)
      for (const warning of record.warnings ?? []) output.log(`Warning: ${warning}. It may be left over from an earlier build.`)
      output.log(`Staged ${target.id} in ${repository}; the record is ${path}.`)
      output.document(record)
    })
}

/** The given files, or those that the target names; and the image, if the build left it as a layout instead of pushing it to staging. */
async function builtBy({ what, jobs }: PlannedTarget, files: readonly string[]) {
  if (what.type === 'image') {
    const layout = files[0] ?? what.layout
    return { found: files, built: layout === undefined ? undefined : await builtLayout(layout) }
  }
  const found = files.length > 0 ? files : await builtFiles(what.files, jobs.build)
  if (files.length === 0 && what.type === 'file') await refuseOutside(found, jobs.build)
  if (found.length > 0) return { found, built: undefined }
  throw new UsageError({
    code: 'usage/no-files',
    what: `no file matches ${what.files.join(' ')}`,
    next: `Nothing was staged. ${jobs.build} must leave its files there as artifacts.`,
  })
}

function artifactTable({ artifacts }: StagingRecord): readonly string[] {
  return table(
    artifacts.map(({ coordinates, content }) => ['  ', describeCoordinates(coordinates), size(content.size), `sha256 ${content.sha256}`]),
  )
}
