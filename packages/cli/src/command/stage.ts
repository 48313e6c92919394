import { describeCoordinates, UsageError } from '@stagegate/schema'
import { findTarget, openRepositories, stage } from '@stagegate/uploader'
import type { Command } from 'commander'
import { glob } from 'tinyglobby'
import { documentPath, writeDocument } from '../job/documents.js'
import { openJob } from '../job/job.js'
import { whileRunning } from '../job/stop.js'
import { outputFor } from '../print/output.js'
import { size, table } from '../print/table.js'
import { transferLog } from '../print/transfer-log.js'
import { type CommonOptions, jobOptions, newCommand } from './options.js'

const description = `Uploads one target's packages to its staging repository and writes the staging record to .stagegate/records/.
Running it again moves nothing that is there already.`

export function stageCommand(): Command {
  return jobOptions(newCommand('stage', 'upload a target’s packages to staging', description))
    .requiredOption('--target <id>', 'the target')
    .argument('[files...]', 'the packages (default: what the target’s globs find)')
    .action(async (files: string[], options: CommonOptions & { target: string }) => {
      const output = outputFor(options.json === true)
      const job = await openJob(options, (plan) => findTarget(plan, options.target, options.release).target.jobs.stage)
      const { target } = findTarget(job.plan, options.target, options.release)
      const repository = target.routes[job.origin.pipelineKind]?.staging
      const found = files.length > 0 ? files : await packagesOf(target.what.files)
      if (found.length === 0) {
        throw new UsageError({
          code: 'usage/no-files',
          what: `no file matches ${target.what.files.join(' ')}`,
          next: `${target.jobs.build} must leave its packages there as artifacts; nothing was staged.`,
        })
      }
      const record = await whileRunning((signal) =>
        stage(job.plan, {
          target: target.id,
          release: options.release,
          files: found,
          origin: job.origin,
          repositories: openRepositories(job.plan, new Map(repository === undefined ? [] : [[repository, 'write']]), job.environment),
          onEvent: transferLog((line) =>
            output.log(line.replace(/^published {6}/, 'staged         ').replace(/^already-public/, 'already-staged')),
          ),
          signal,
        }),
      )
      const path = documentPath('records', target.id)
      await writeDocument(path, record)
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

async function packagesOf(globs: readonly string[]): Promise<string[]> {
  const found = await glob(
    globs.map((pattern) => (pattern.endsWith('/') ? `${pattern}**` : pattern)),
    { dot: true, expandDirectories: false, onlyFiles: true },
  )
  return found.sort()
}
