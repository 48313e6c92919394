import { existsSync } from 'node:fs'
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { UsageError } from '@stagegate/schema'
import { lintText } from '@stagegate/sdk'
import { makeFolder } from '@stagegate/uploader/gitlab'
import type { Command } from 'commander'
import { localFiles } from '../author/local-files.js'
import { answersFor } from '../init/answers.js'
import { besideOutput, besideTemplates, starterLines } from '../init/beside.js'
import { remoteProject } from '../init/remote.js'
import { type Template, templatesFor } from '../init/templates.js'
import { newCommand, several } from './options.js'
import { writeSynthesis } from './synth.js'

const description = `Writes a first pipeline.ts with a test and the scripts that it calls, and synthesizes it. In a terminal, it asks for the values
that you did not give. It never overwrites a file. If there is already a .gitlab-ci.yml, the release goes next to it: in release/,
rendered to ci/release.yml, which your file includes with one line. With --child, it is a child pipeline that one of your jobs starts.`

const next = `
Next:
  1. npm install --save-dev stagegate vitest typescript
  2. Make scripts/build.sh leave real packages in dist/, and scripts/deploy.sh install them.
  3. Run npx vitest run. npx stagegate explain --tag v1.2.3 shows what a tag would do.
  4. Read RELEASING.md, which lists the credentials and settings that GitLab needs.
  5. Commit everything, including package-lock.json: GitLab runs what is committed. After each change of pipeline.ts, run npx stagegate synth`

const nextBeside = `
Next:
  1. Add to .gitlab-ci.yml: include: [{ local: /${besideOutput} }]. Its workflow, stages and jobs do not change.
  2. cd release && npm install --save-dev stagegate vitest typescript
  3. Run npx stagegate synth. It reads your .gitlab-ci.yml and tells you which stages to add there, if any.
  4. npx stagegate explain --tag v1.2.3 shows what a tag would do.
  5. Read ci/RELEASING.md, which lists the credentials and settings that GitLab needs.
  6. Commit everything, including release/package-lock.json: GitLab runs what is committed.`

const nextChild = (lines: string) => `
Next:
  1. Add this job to .gitlab-ci.yml, and change nothing else there:

${lines.replaceAll(/^/gm, '     ')}

  2. cd release && npm install --save-dev stagegate vitest typescript
  3. Run npx stagegate synth. It reads your .gitlab-ci.yml and checks both pipelines together.
  4. npx stagegate explain --tag v1.2.3 shows what a tag would do.
  5. Read ci/RELEASING.md, which lists the credentials and settings that GitLab needs.
  6. Commit everything, including release/package-lock.json: GitLab runs what is committed.`

interface Options {
  readonly name?: string
  readonly distribution?: readonly string[]
  readonly packagecloud?: string
  readonly project?: string
  readonly buildJob?: string
  readonly child?: boolean
  readonly yes?: boolean
}

export function initCommand(): Command {
  return newCommand('init', 'write a first pipeline.ts, with its test and scripts', description)
    .argument('[folder]', 'the project’s folder', '.')
    .option('--name <name>', 'the product (default: the folder’s name)')
    .option('--distribution <distribution>', 'such as ubuntu/noble; can be repeated', several)
    .option(
      '--project <path>',
      'the project on GitLab, such as acme/hello (default: from the Git remote origin); - for directories on the runner',
    )
    .option('--packagecloud <account>', 'the packagecloud account with the repositories, instead of GitLab')
    .option('--build-job <job>', 'the job of your .gitlab-ci.yml whose artifacts are the packages')
    .option('--child', 'make the release a child pipeline of your .gitlab-ci.yml')
    .option('-y, --yes', 'ask nothing and use the defaults')
    .action((folder: string, options: Options) => init(folder, options))
}

async function init(folder: string, options: Options): Promise<void> {
  const isBeside = existsSync(join(folder, '.gitlab-ci.yml'))
  if (!isBeside) expectNoPipeline(folder, options)
  else expectNoRelease(folder)
  const { jobs: taken, stage } = isBeside ? await pipelineIn(folder, options.buildJob) : noPipeline
  const startedBy = options.child ? freeName(taken) : undefined
  const answers = await answersFor({ ...options, startedBy, remote: await remoteProject(folder) }, basename(resolve(folder)))
  const templates = isBeside ? besideTemplates(answers) : templatesFor(answers)
  const files = templates.filter(({ path, isOptional }) => !(isOptional && existsSync(join(folder, path))))
  const output = isBeside ? besideOutput : '.gitlab-ci.yml'
  const synthesized = [output, join(dirname(output), 'release-plan.json'), join(dirname(output), 'RELEASING.md')]
  expectNoFiles(folder, [...files.map(({ path }) => path), ...synthesized])
  for (const file of files) await writeTemplate(folder, file)
  await writeSynthesis(join(folder, isBeside ? 'release/pipeline.ts' : 'pipeline.ts'))
  const { project, account } = answers
  if (project !== undefined && account === undefined)
    process.stdout.write(
      `\nPackages wait in ${project.path} and become public on its page of releases. Every job of the project can write there: see trustsJobs in pipeline.ts, and write down why you accept that.\n`,
    )
  process.stdout.write(`${isBeside ? (answers.startedBy !== undefined ? nextChild(starterLines(answers, stage)) : nextBeside) : next}\n`)
}

/** @throws {UsageError} one of these files exists */
function expectNoFiles(folder: string, paths: readonly string[]): void {
  const existing = paths.filter((path) => existsSync(join(folder, path)))
  if (existing.length > 0) {
    throw new UsageError({
      code: 'usage/init',
      what: `there is already ${existing.join(', ')}`,
      where: folder,
      next: 'Nothing was written. Move the existing files away first, or write pipeline.ts by hand.',
    })
  }
}

async function writeTemplate(folder: string, { path, text, executable }: Template): Promise<void> {
  const target = join(folder, path)
  await makeFolder(dirname(target))
  await writeFile(target, text, { flag: 'wx' })
  if (executable) await chmod(target, 0o755)
  process.stdout.write(`written    ${target}\n`)
}

/** A name for the job that starts the release: `release`, or the next one that no job has. */
function freeName(taken: readonly string[]): string {
  for (let number = 0; ; number++) {
    const name = number === 0 ? 'release' : `start-release${number === 1 ? '' : `-${number}`}`
    if (!taken.includes(name)) return name
  }
}

/** The parts of an existing pipeline that a release next to it has to know. */
interface Pipeline {
  readonly jobs: readonly string[]
  /** The last one. */
  readonly stage: string
}

const noPipeline: Pipeline = { jobs: [], stage: 'deploy' }

/** Reads the existing pipeline. @throws {UsageError} GitLab refuses it, or it lacks the named job */
async function pipelineIn(folder: string, buildJob: string | undefined): Promise<Pipeline> {
  const path = join(folder, '.gitlab-ci.yml')
  const { findings, jobs, resolved } = lintText(await readFile(path, 'utf8'), { readLocal: localFiles(folder) })
  const wrong = findings.find(({ severity }) => severity === 'error')
  if (wrong !== undefined)
    throw new UsageError({
      code: 'usage/init',
      what: `GitLab refuses the existing pipeline: ${wrong.message}`,
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
  const stages = resolved?.get('stages')
  const last = Array.isArray(stages) ? stages.flat().at(-1) : undefined
  return { jobs, stage: typeof last === 'string' ? last : noPipeline.stage }
}

/** @throws {UsageError} the existing pipeline was made by Stagegate: its plan is next to it */
function expectNoRelease(folder: string): void {
  if (!existsSync(join(folder, 'release-plan.json'))) return
  throw new UsageError({
    code: 'usage/init',
    what: '.gitlab-ci.yml is already a pipeline of Stagegate: its release-plan.json is next to it',
    where: folder,
    next: 'Nothing was written. Change pipeline.ts, then run stagegate synth.',
  })
}

/** Options about an existing pipeline. */
function expectNoPipeline(folder: string, { buildJob, child }: Options): void {
  const refused = (what: string, next: string) => new UsageError({ code: 'usage/init', what, where: folder, next })
  if (buildJob !== undefined)
    throw refused('--build-job names a job of .gitlab-ci.yml, but that file does not exist', 'Leave it out. Then the build is a script.')
  if (child) throw refused('--child needs a .gitlab-ci.yml that starts the release, but that file does not exist', 'Leave it out.')
}
