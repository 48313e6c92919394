import { readdir } from 'node:fs/promises'
import { dirname, relative, resolve } from 'node:path'
import { jobFolder } from '@stagegate/schema'
import { type Fetched, fetchStaged } from '@stagegate/uploader'
import { findRelease } from '@stagegate/uploader/gitlab'
import type { Command } from 'commander'
import { glob } from 'tinyglobby'
import { openFor, openSealed } from '../job/sealed.js'
import { whileRunning } from '../job/stop.js'
import { outputFor } from '../print/output.js'
import { type CommonOptions, jobOptions, manifestOption, newCommand, several } from './options.js'

const description = `Downloads sealed packages and files from staging to a folder, for a deployment to install: TO/TARGET/FILE. They are exactly the
bytes that will be published; anything else is an error.`

interface Options extends CommonOptions {
  readonly target?: readonly string[]
  readonly manifest?: string
  readonly to: string
}

export function fetchCommand(): Command {
  return jobOptions(newCommand('fetch', 'download sealed packages and files from staging to a folder', description))
    .option('--target <id>', 'the target; can be repeated (default: all)', several)
    .option(...manifestOption)
    .requiredOption('--to <folder>', 'the folder')
    .action(async (options: Options) => {
      const output = outputFor(options.json === true)
      // Called by deployments, and by people who try out the sealed packages.
      const { job, manifest } = await openSealed(options, (plan) => `fetch ${findRelease(plan, options.release).id}`, true)
      const repositories = await openFor(job, manifest, options.target, { staging: 'read', public: undefined })
      const fetched = await whileRunning((signal) =>
        fetchStaged(manifest, { targets: options.target, origin: job.origin, to: options.to, records: job.records, repositories, signal }),
      )
      for (const { path } of fetched) output.log(`fetched  ${path}`)
      const others = await othersIn(options.to, fetched)
      if (others.length > 0) {
        const shown = [...others.slice(0, mostShown), ...(others.length > mostShown ? ['…'] : [])].join(', ')
        output.log(
          `Also in the folder, but not fetched: ${shown}. A script that installs everything below ${options.to} installs these too.`,
        )
      }
      output.document(fetched)
    })
}

const mostShown = 5

/** Packages below the folder that already existed, from an earlier job or another release. */
async function othersIn(folder: string, fetched: readonly Fetched[]): Promise<readonly string[]> {
  const found = await glob(['**/*.{deb,rpm}'], { cwd: folder, dot: true, ignore: ['**/node_modules/**', '**/.git/**', `${jobFolder}/**`] })
  const beside = await Promise.all([...new Set(fetched.filter(isPlainFile).map(({ path }) => dirname(path)))].map(filesIn))
  const ours = new Set(fetched.map(({ path }) => resolve(path)))
  const all = new Set([...found.map((path) => resolve(folder, path)), ...beside.flat()])
  return [...all]
    .filter((path) => !ours.has(path))
    .map((path) => relative(folder, path))
    .sort()
}

function isPlainFile({ path }: Fetched): boolean {
  return !/\.(?:deb|rpm)$/.test(path)
}

async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  return entries.flatMap((entry) => (entry.isDirectory() ? [] : [resolve(folder, entry.name)]))
}
