import { execFile, execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { isStagegateError, parseReleasePlan, UsageError } from '@stagegate/schema'
import { type Comparison, comparePipelines, type PipelineVersion } from '@stagegate/sdk'
import type { Command } from 'commander'
import { localFiles, projectFolderOf } from '../author/local-files.js'
import { changesAsText } from '../print/changes.js'
import { changesAsMarkdown } from '../print/changes-markdown.js'
import { painted } from '../print/colour.js'
import { documentOf, plain } from '../print/output.js'
import { newCommand, several } from './options.js'
import { staleIn, synthesize } from './synth.js'

const run = promisify(execFile)
const limits = { maxBuffer: 64 * 1024 * 1024, timeout: 30_000 }

const description = `Compares the meaning of the pipeline on disk with that of another revision. It lists first everything that weakens the gate, the hold or a
secret, then jobs that are removed, added or changed. A job that is only written differently is not a change. Exit code 3 if something is weaker.

The release plan next to the pipeline names the jobs that publish. Without one, use --publishes, or a comment above or in the job:
# stagegate: publishes. Name jobs of the gate with --gate or # stagegate: gate.`

interface Options {
  readonly file: string
  readonly root?: string
  readonly publishes?: readonly string[]
  readonly gate?: readonly string[]
  readonly markdown?: boolean
  readonly json?: boolean
}

export function diffCommand(done: (exitCode: number) => void): Command {
  return newCommand('diff', 'compare the meaning of two versions of a pipeline', description)
    .argument('[revision]', 'the revision to compare with', 'HEAD')
    .option('--file <file>', 'the pipeline; its plan is next to it', '.gitlab-ci.yml')
    .option('--publishes <pattern>', 'jobs that publish; * matches anything; can be repeated', several)
    .option('--gate <job>', 'a job that must succeed before publishing; can be repeated', several)
    .option('--root <folder>', 'the project’s folder, for local includes (default: this folder, or the checkout of a file outside it)')
    .option('--markdown', 'print Markdown, for a comment in a merge request')
    .option('--json', 'print the changes as JSON')
    .action(async (revision: string, options: Options) => {
      const { changes, knowsPublishers } = await compare(revision, options)
      process.stdout.write(
        options.json
          ? `${documentOf(changes)}\n`
          : options.markdown
            ? changesAsMarkdown(changes, knowsPublishers)
            : painted(plain(changesAsText(changes, knowsPublishers)), process.stdout),
      )
      await sayIfStale(dirname(options.file))
      done(changes.some(({ what }) => what === 'weakened') ? 3 : 0)
    })
}

/** @throws {UsageError} GitLab refuses one of the two versions; neither has a job that an option names */
async function compare(revision: string, { file, root = projectFolderOf(file), publishes, gate: gates }: Options): Promise<Comparison> {
  const named = { publishes, gates }
  const before = {
    ...named,
    ...(await version(file, (path) => atRevision(revision, path), `${revision}:`)),
    readLocal: (path: string) => includedAt(revision, root, path),
  }
  const after = { ...named, ...(await version(file, (path) => readFile(path, 'utf8'), '')), readLocal: localFiles(root) }
  const compared = comparePipelines(before, after)
  if (compared.is === 'refused') {
    const where = `${compared.version === 'before' ? `${revision}:` : ''}${file}`
    throw new UsageError({
      code: 'usage/pipeline',
      where: `${where}${compared.line === undefined ? '' : `:${compared.line}`}`,
      what: `GitLab refuses it: ${compared.message}`,
    })
  }
  if (compared.unknownName !== undefined) {
    throw new UsageError({
      code: 'usage/option',
      what: `neither version has a job ${JSON.stringify(compared.unknownName)}, which --publishes or --gate names`,
      next: 'correct the name; in --publishes, * matches anything; --gate needs whole names',
    })
  }
  return compared
}

/** Compares the files on disk, so the output must not look as if it described a newer pipeline.ts. */
async function sayIfStale(folder: string): Promise<void> {
  const file = join(folder, 'pipeline.ts')
  if (!existsSync(file)) return
  const said = await staleFiles(file, folder)
  if (said !== undefined) process.stderr.write(painted(`${plain(said)}\n`, process.stderr))
}

async function staleFiles(file: string, folder: string): Promise<string | undefined> {
  try {
    const synthesis = await synthesize(file)
    if (!synthesis.ok) return `Note: ${file} has errors and was not compared: see stagegate synth.`
    const stale = await staleIn(synthesis, folder)
    return stale.length === 0
      ? undefined
      : `Note: not up to date with ${file}: ${stale.join(', ')}. Only the files on disk were compared. Run stagegate synth, then this command again.`
  } catch (error) {
    if (!isStagegateError(error)) throw error
    return `Note: ${file} could not be loaded and was not compared: ${error.message.split('\n', 1)[0]}`
  }
}

async function version(file: string, read: (path: string) => Promise<string>, where: string): Promise<PipelineVersion> {
  const planPath = join(dirname(file), 'release-plan.json')
  const [yaml, plan] = await Promise.all([
    read(file).catch((cause: unknown) => {
      throw new UsageError({ code: 'usage/file', what: 'there is no such pipeline', where: `${where}${file}`, next: gitSays(cause), cause })
    }),
    // A pipeline without a release has no plan.
    read(planPath).catch(() => undefined),
  ])
  return { yaml, plan: plan === undefined ? undefined : parseReleasePlan(plan, `${where}${planPath}`) }
}

async function atRevision(revision: string, path: string): Promise<string> {
  const { stdout } = await run('git', ['show', `${revision}:./${basename(path)}`], {
    cwd: dirname(path),
    ...limits,
  })
  return stdout
}

/** No repository, no such revision, no such file in it: git's message says which. */
function gitSays(cause: unknown): string | undefined {
  const [line = ''] = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).split('\n') : []
  return line === '' ? undefined : `git says: ${line.replace(/^fatal: /, '')}`
}

/** A file that the pipeline of a revision includes. It is read synchronously, since the reader cannot wait. */
function includedAt(revision: string, root: string, path: string): string | undefined {
  try {
    return execFileSync('git', ['show', `${revision}:./${path}`], {
      cwd: root,
      encoding: 'utf8',
      ...limits,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  } catch {
    return undefined
  }
}
