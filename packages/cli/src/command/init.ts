import { existsSync } from 'node:fs'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { UsageError } from '@stagegate/schema'
import type { Command } from 'commander'
import { answersFor } from '../init/answers.js'
import { templatesFor } from '../init/templates.js'
import { newCommand, several } from './options.js'
import { writeSynthesis } from './synth.js'

const description = `Writes a first pipeline.ts with a test and the scripts that it calls, and synthesizes it. Asks for what is not given, where
there is somebody to ask. Never overwrites a file.`

const next = `
Next:
  1. npm install --save-dev stagegate vitest
  2. Make scripts/build.sh leave real packages in dist/, and scripts/deploy.sh install them.
  3. npx vitest run, and npx stagegate explain --ref v1.2.3: what a tag would do.
  4. Read RELEASING.md: it names the credentials and settings that GitLab needs.
  5. Commit everything, package-lock.json too: GitLab runs what is committed. After each change of pipeline.ts: npx stagegate synth`

interface Options {
  readonly name?: string
  readonly distribution?: readonly string[]
  readonly packagecloud?: string
  readonly yes?: boolean
}

export function initCommand(): Command {
  return newCommand('init', 'write a first pipeline.ts, with its test and scripts', description)
    .argument('[folder]', 'the project’s folder', '.')
    .option('--name <name>', 'the product (default: the folder’s name)')
    .option('--distribution <distribution>', 'such as ubuntu/noble; can be repeated', several)
    .option('--packagecloud <account>', 'the packagecloud account with the repositories; - for directories on the runner')
    .option('-y, --yes', 'ask nothing, take the defaults')
    .action(async (folder: string, options: Options) => {
      const answers = await answersFor(options, basename(resolve(folder)))
      const files = templatesFor(answers).filter(({ path, isOptional }) => !(isOptional && existsSync(join(folder, path))))
      const written = [...files.map(({ path }) => path), '.gitlab-ci.yml', 'release-plan.json', 'RELEASING.md']
      const taken = written.filter((path) => existsSync(join(folder, path)))
      if (taken.length > 0) {
        throw new UsageError({
          code: 'usage/init',
          what: `there is already ${taken.join(', ')}`,
          where: folder,
          next: 'Nothing was written. Move it away first, or write pipeline.ts by hand. To check the existing pipeline, run stagegate audit.',
        })
      }
      for (const { path, text, executable } of files) {
        const target = join(folder, path)
        await mkdir(dirname(target), { recursive: true })
        await writeFile(target, text, { flag: 'wx' })
        if (executable) await chmod(target, 0o755)
        process.stdout.write(`written    ${target}\n`)
      }
      await writeSynthesis(join(folder, 'pipeline.ts'))
      process.stdout.write(`${next}\n`)
    })
}
