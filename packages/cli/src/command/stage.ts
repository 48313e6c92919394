import { describeCoordinates, jobFolders, UsageError } from '@stagegate/schema'
import { builtLayout, findTarget, openRepositories, stage } from '@stagegate/uploader'
import type { Command } from 'commander'
import { builtFiles } from '../job/built-files.js'
import { documentPath, writeDocument } from '../job/documents.js'
import { openJob } from '../job/job.js'
import { whileRunning } from '../job/stop.js'
import { writeAfterwards } from '../job/write-whole.js'
import { formFor } from '../print/form.js'
import { stagingWords } from '../print/outcome.js'
import { outputFor } from '../print/output.js'
import { size, table } from '../print/table.js'
import { TransferLog } from '../print/transfer-log.js'
import { type CommonOptions, jobOptions, newCommand } from './options.js'

const description = `Uploads one target's packages or image to its staging repository and writes the staging record to ${jobFolders.records}/. An image that
the build has pushed to staging itself is looked up there, with all that belongs to it.
Running it again moves nothing that is there already.`

export function stageCommand(): Command {
  return jobOptions(newCommand('stage', 'upload a target’s packages or image to staging', description))
    .requiredOption('--target <id>', 'the target')
    .option('--tag <tag>', 'the tag of an image in staging (default: one of this commit and pipeline)')
    .argument('[files...]', 'the packages, or the image’s OCI layout (default: the files that the target names)')
    .action(async (files: string[], options: CommonOptions & { target: string; tag?: string }) => {
      const output = outputFor(options.json === true)
      const job = await openJob(options, (plan) => findTarget(plan, options.target, options.release).target.jobs.stage)
      const { target } = findTarget(job.plan, options.target, options.release)
      const repository = target.routes[job.origin.pipelineKind]?.staging
      const { what } = target
      const found = what.type === 'image' || files.length > 0 ? files : await builtFiles(what.files, target.jobs.build)
      if (what.type === 'package' && found.length === 0) {
        throw new UsageError({
          code: 'usage/no-files',
          what: `no file matches ${what.files.join(' ')}`,
          next: `${target.jobs.build} must leave its packages there as artifacts; nothing was staged.`,
        })
      }
      // An image is left as a layout, or was pushed to staging.
      const layout = what.type === 'image' ? (found[0] ?? what.layout) : undefined
      const built = layout === undefined ? undefined : await builtLayout(layout)
      const path = documentPath('records', target.id)
      const log = new TransferLog({ form: formFor(output.stream, process.env), total: Math.max(1, found.length), words: stagingWords })
      const record = await whileRunning((signal) =>
        stage(job.plan, {
          target: target.id,
          release: options.release,
          files: found,
          tag: options.tag,
          built,
          origin: job.origin,
          repositories: openRepositories(job.plan, new Map(repository === undefined ? [] : [[repository, 'write']]), job.environment),
          onBegin: (attempt) => writeDocument(path, attempt),
          onEvent: log.onEvent,
          signal,
        }),
      ).finally(() => log.close())
      const unwritten = await writeAfterwards(`${target.id} is staged in ${repository}`, 'record', () => writeDocument(path, record))
      if (unwritten !== undefined) throw unwritten
      for (const line of table(
        record.artifacts.map(({ coordinates, content }) => [
          '  ',
          describeCoordinates(coordinates),
          size(content.size),
          `sha256 ${content.sha256}`,
        ]),
      ))
        output.log(line)
      output.log(`Staged ${target.id} in ${repository}; the record is ${path}.`)
      output.document(record)
    })
}
