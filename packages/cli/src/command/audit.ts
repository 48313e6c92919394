import { readFile } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, sep } from 'node:path'
import { parseReleasePlan, type ReleasePlan, UsageError } from '@stagegate/schema'
import { type AuditResult, audit } from '@stagegate/sdk'
import type { Command } from 'commander'
import { report } from '../audit/report.js'
import { localFiles } from '../author/local-files.js'
import { documentOf, plain } from '../print/output.js'
import { newCommand, several } from './options.js'

const description = `Reads a pipeline that Stagegate did not write: whether GitLab takes it, which jobs can publish, and whether the gate holds, by the
same proof as synth: in every pipeline a job that publishes waits for a click, exists for protected tags and branches alone, and cannot
start before the jobs of the gate have succeeded.

The pipeline's rules, includes and inputs are judged in every case: an included file with rules may be there or not, an input may have
any of its values. A release plan beside the file says which jobs publish and what comes before them.

Jobs that publish are named with --publishes, or by a comment above or in the job: # stagegate: publishes. So are those of the gate,
with --gate or # stagegate: gate. Local includes and child pipelines are read from --root. Where nobody names any, well-known commands,
keywords and names tell which jobs seem to publish. Guesses are printed with the words that they rest on, and are warnings at most.

Exit codes: 0 the gate holds, 2 GitLab refuses the file, 3 the gate is open, 4 nothing is open in what was read, but not all was read. Name
what you answer for yourself with --trust.`

interface Options {
  readonly publishes?: readonly string[]
  readonly gate?: readonly string[]
  readonly secret?: readonly string[]
  readonly trust?: readonly string[]
  readonly root: string
  readonly json?: boolean
}

export function auditCommand(done: (exitCode: number) => void): Command {
  return newCommand('audit', 'prove the gate on YAML that Stagegate did not write', description)
    .argument('<file>', 'the pipeline, such as .gitlab-ci.yml')
    .option('--publishes <pattern>', 'jobs that publish; * stands for anything; can be repeated', several)
    .option('--gate <job>', 'a job that must have succeeded before; can be repeated', several)
    .option('--secret <variable>', 'a credential of a public repository: whatever uses it publishes; can be repeated', several)
    .option('--trust <file>', 'an included file that is not read, and that you answer for; can be repeated', several)
    .option('--root <folder>', 'the project’s folder, for local includes', '.')
    .option('--json', 'print the findings as JSON')
    .action(async (file: string, options: Options) => {
      const { publishes, gate: gates, secret: secrets, trust, root } = options
      const [yaml, plan] = [await textOf(file), await planBeside(file)]
      const name = nameIn(root, file)
      const result = audit(yaml, { file: name, publishes, gates, secrets, trust, plan, readLocal: localFiles(root) })
      const called = { words: process.argv.slice(2), shown: (path: string) => (path === name ? file : join(root, path)) }
      process.stdout.write(options.json ? `${documentOf(result)}\n` : plain(report(result, called)))
      done(exitCodeOf(result))
    })
}

/** The file as the project names it, from its folder; as it was named where it lies elsewhere. */
function nameIn(root: string, file: string): string {
  const path = relative(root, file)
  return path.startsWith('..') || isAbsolute(path) ? file : path.split(sep).join('/')
}

function exitCodeOf({ valid, gate }: AuditResult): number {
  if (!valid) return 2
  return { holds: 0, open: 3, unseen: 4 }[gate]
}

/** The plan of a pipeline that Stagegate wrote; other pipelines have none. */
async function planBeside(file: string): Promise<ReleasePlan | undefined> {
  const path = join(dirname(file), 'release-plan.json')
  const text = await readFile(path, 'utf8').catch(() => undefined)
  return text === undefined ? undefined : parseReleasePlan(text, path)
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new UsageError({ code: 'usage/file', what: unreadable(cause), where: file, cause })
  }
}

function unreadable(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  if (code === 'ENOENT') return 'there is no such file'
  return code === 'EISDIR' ? 'it is a folder, and should be a file' : cause instanceof Error ? cause.message : String(cause)
}
