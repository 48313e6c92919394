import { execFile, execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { parseReleasePlan, UsageError } from '@stagegate/schema'
import { comparePipelines, type PipelineChange, type PipelineVersion } from '@stagegate/sdk'
import type { Command } from 'commander'
import { localFiles } from '../author/local-files.js'
import { plain } from '../print/output.js'
import { newCommand } from './options.js'

const run = promisify(execFile)
const limits = { maxBuffer: 64 * 1024 * 1024, timeout: 30_000 }

const description = `Compares the pipeline on disk with that of another revision, by what it means: first whatever weakens the gate, the hold or a
secret, then jobs that appear, vanish or change. Exit code 3 when something is weaker.`

interface Options {
  readonly file: string
  readonly root: string
  readonly markdown?: boolean
  readonly json?: boolean
}

export function diffCommand(done: (exitCode: number) => void): Command {
  return newCommand('diff', 'compare two versions of a pipeline by what they mean', description)
    .argument('[revision]', 'the revision to compare with', 'HEAD')
    .option('--file <file>', 'the pipeline; its plan lies beside it', '.gitlab-ci.yml')
    .option('--root <folder>', 'the project’s folder, for local includes', '.')
    .option('--markdown', 'print Markdown, for a merge request')
    .option('--json', 'print the changes as JSON')
    .action(async (revision: string, options: Options) => {
      const { root } = options
      const before = {
        ...(await version(options.file, (path) => atRevision(revision, path), `${revision}:`)),
        readLocal: (path: string) => includedAt(revision, root, path),
      }
      const after = { ...(await version(options.file, (path) => readFile(path, 'utf8'), '')), readLocal: localFiles(root) }
      const changes = comparePipelines(before, after)
      if ('message' in changes) {
        throw new UsageError({
          code: 'usage/pipeline',
          where: changes.version === 'before' ? `${revision}:${options.file}` : options.file,
          what: `GitLab refuses it: ${changes.message}`,
        })
      }
      process.stdout.write(
        options.json ? `${JSON.stringify(changes, undefined, 2)}\n` : plain(options.markdown ? markdown(changes) : text(changes)),
      )
      done(changes.some(({ what }) => what === 'weakened') ? 3 : 0)
    })
}

async function version(file: string, read: (path: string) => Promise<string>, where: string): Promise<PipelineVersion> {
  const planPath = join(dirname(file), 'release-plan.json')
  const [yaml, plan] = await Promise.all([
    read(file).catch((cause: unknown) => {
      throw new UsageError({ code: 'usage/file', what: 'there is no such pipeline', where: `${where}${file}`, cause })
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

/** A file that the pipeline of a revision includes. It is asked for in the midst of reading, which does not wait. */
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

const headings = { weakened: 'Weaker', vanishes: 'Vanish', appears: 'Appear', changes: 'Change' } as const

function text(changes: readonly PipelineChange[]): string {
  if (changes.length === 0) return 'The two mean the same.\n'
  const lines = changes.map((change) => `${change.what === 'weakened' ? 'WEAKER   ' : change.what.padEnd(9)} ${sentence(change)}`)
  return `${lines.join('\n')}\n${changes.some(({ what }) => what === 'weakened') ? 'A person must look: something is weaker than it was.' : 'Nothing is weaker than it was.'}\n`
}

function markdown(changes: readonly PipelineChange[]): string {
  if (changes.length === 0) return 'The pipeline means the same.\n'
  const sections = (Object.keys(headings) as (keyof typeof headings)[]).flatMap((what) => {
    const own = changes.filter((change) => change.what === what)
    return own.length === 0
      ? []
      : [
          `### ${headings[what]}\n\n${own.map((change) => `- ${sentence({ ...change, job: change.job === undefined ? undefined : `\`${change.job}\`` })}`).join('\n')}\n`,
        ]
  })
  return sections.join('\n')
}

/** Of a job that appears or vanishes the heading says all. */
function sentence({ what, job, kinds, message }: PipelineChange): string {
  const where = kinds.length === 0 ? '' : ` (${kinds.join(', ')})`
  if (what === 'appears' || what === 'vanishes') return `${job}${where}`
  return `${job === undefined || message.includes(job.replaceAll('`', '')) ? '' : `${job} `}${message}${where}`
}
