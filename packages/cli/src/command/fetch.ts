import { fetchStaged, findRelease } from '@stagegate/uploader'
import type { Command } from 'commander'
import { openFor, openSealed } from '../job/sealed.js'
import { whileRunning } from '../job/stop.js'
import { outputFor } from '../print/output.js'
import { type CommonOptions, jobOptions, newCommand, several } from './options.js'

const description = `Brings sealed packages from staging to a folder, for a deployment to install: TO/TARGET/FILE. They are exactly the
bytes that will be published; anything else is an error.`

interface Options extends CommonOptions {
  readonly target?: readonly string[]
  readonly manifest?: string
  readonly to: string
}

export function fetchCommand(): Command {
  return jobOptions(newCommand('fetch', 'bring sealed packages from staging to a folder', description))
    .option('--target <id>', 'the target; can be repeated (default: all)', several)
    .option('--manifest <file>', 'the release manifest (default: .stagegate/release-manifest.json)')
    .requiredOption('--to <folder>', 'the folder')
    .action(async (options: Options) => {
      const output = outputFor(options.json === true)
      // Deployments do, and whoever else tries out what is sealed.
      const { job, manifest } = await openSealed(options, (plan) => `fetch ${findRelease(plan, options.release).id}`, true)
      const repositories = openFor(job, manifest, options.target, { staging: 'read', public: undefined })
      const fetched = await whileRunning((signal) =>
        fetchStaged(manifest, { targets: options.target, origin: job.origin, to: options.to, records: job.records, repositories, signal }),
      )
      for (const { path } of fetched) output.log(`fetched  ${path}`)
      output.document(fetched)
    })
}
