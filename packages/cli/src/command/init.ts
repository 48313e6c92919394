import { existsSync } from 'node:fs'
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { UsageError } from '@stagegate/schema'
import { lintText } from '@stagegate/sdk'
import { makeFolder } from '@stagegate/uploader'
import type { Command } from 'commander'
import { localFiles } from '../author/local-files.js'
import { answersFor } from '../init/answers.js'
import { besideOutput, besideTemplates } from '../init/beside.js'
import { templatesFor } from '../init/templates.js'
import { newCommand, several } from './options.js'
import { writeSynthesis } from './synth.js'

const description = `Writes a first pipeline.ts with a test and the scripts that it calls, and synthesizes it. Asks for what is not given, where
there is somebody to ask. Never overwrites a file. Where there is a .gitlab-ci.yml already, the release is made beside it: in release/,
written to ci/release.yml, for which your file then has one include.`

const next = `
Next:
  1. npm install --save-dev stagegate vitest
  2. Make scripts/build.sh leave real packages in dist/, and scripts/deploy.sh install them.
  3. npx vitest run, and npx stagegate explain --tag v1.2.3: what a tag would do.
  4. Read RELEASING.md: it names the credentials and settings that GitLab needs.
  5. Commit everything, package-lock.json too: GitLab runs what is committed. After each change of pipeline.ts: npx stagegate synth`

const nextBeside = `
Next:
  1. Add to .gitlab-ci.yml: include: [{ local: /${besideOutput} }]. Its workflow, stages and jobs stay as they are.
  2. cd release && npm install --save-dev stagegate vitest typescript
  3. npx stagegate synth: it reads your .gitlab-ci.yml, and says which stages to add there, if any.
  4. npx stagegate explain --tag v1.2.3: what a tag would do.
  5. Read ci/RELEASING.md: it names the credentials and settings that GitLab needs.
  6. Commit everything, release/package-lock.json too: GitLab runs what is committed.`

interface Options {
  readonly name?: string
  readonly distribution?: readonly string[]
  readonly packagecloud?: string
  readonly buildJob?: string
  readonly yes?: boolean
}

export function initCommand(): Command {
  return newCommand('init', 'write a first pipeline.ts, with its test and scripts', description)
    .argument('[folder]', 'the project’s folder', '.')
    .option('--name <name>', 'the product (default: the folder’s name)')
    .option('--distribution <distribution>', 'such as ubuntu/noble; can be repeated', several)
    .option('--packagecloud <account>', 'the packagecloud account with the repositories; - for directories on the runner')
    .option('--build-job <job>', 'the job of your .gitlab-ci.yml that leaves the packages as artifacts')
    .option('-y, --yes', 'ask nothing, take the defaults')
    .action(async (folder: string, options: Options) => {
      const isBeside = existsSync(join(folder, '.gitlab-ci.yml'))
      if (isBeside) await expectPipeline(folder, options.buildJob)
      else if (options.buildJob !== undefined) throw withoutPipeline(folder)
      const answers = await answersFor(options, basename(resolve(folder)))
      const templates = isBeside ? besideTemplates(answers) : templatesFor(answers)
      const files = templates.filter(({ path, isOptional }) => !(isOptional && existsSync(join(folder, path))))
      const output = isBeside ? besideOutput : '.gitlab-ci.yml'
      const made = [output, join(dirname(output), 'release-plan.json'), join(dirname(output), 'RELEASING.md')]
      const written = [...files.map(({ path }) => path), ...made]
      const taken = written.filter((path) => existsSync(join(folder, path)))
      if (taken.length > 0) {
        throw new UsageError({
          code: 'usage/init',
          what: `there is already ${taken.join(', ')}`,
          where: folder,
          next: 'Nothing was written. Move it away first, or write pipeline.ts by hand.',
        })
      }
      for (const { path, text, executable } of files) {
        const target = join(folder, path)
        await makeFolder(dirname(target))
        await writeFile(target, text, { flag: 'wx' })
        if (executable) await chmod(target, 0o755)
        process.stdout.write(`written    ${target}\n`)
      }
      await writeSynthesis(join(folder, isBeside ? 'release/pipeline.ts' : 'pipeline.ts'))
      process.stdout.write(`${isBeside ? nextBeside : next}\n`)
    })
}

/** The pipeline that is there has to be one that GitLab takes, with the job that is named. */
async function expectPipeline(folder: string, buildJob: string | undefined): Promise<void> {
  const path = join(folder, '.gitlab-ci.yml')
  const { findings, jobs } = lintText(await readFile(path, 'utf8'), { readLocal: localFiles(folder) })
  const wrong = findings.find(({ severity }) => severity === 'error')
  if (wrong !== undefined)
    throw new UsageError({
      code: 'usage/init',
      what: `GitLab refuses the pipeline that is there: ${wrong.message}`,
      where: wrong.line === undefined ? path : `${path}:${wrong.line}`,
      next: 'Nothing was written. Correct it, then run init again.',
    })
  if (buildJob !== undefined && !jobs.includes(buildJob))
    throw new UsageError({
      code: 'usage/init',
      what: `.gitlab-ci.yml has no job ${buildJob}`,
      where: path,
      next: `Nothing was written. Its jobs are ${jobs.slice(0, 12).join(', ')}${jobs.length > 12 ? ', …' : ''}.`,
    })
}

function withoutPipeline(folder: string): UsageError {
  return new UsageError({
    code: 'usage/init',
    what: '--build-job names a job of .gitlab-ci.yml, and there is none',
    where: folder,
    next: 'Leave it out: the build is a script then.',
  })
}
