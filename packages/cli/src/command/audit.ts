import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UsageError } from '@stagegate/schema'
import { type AuditFinding, type AuditResult, audit } from '@stagegate/sdk'
import type { Command } from 'commander'
import { localFiles } from '../author/local-files.js'
import { counted } from '../print/issues.js'
import { oneLine, plain } from '../print/output.js'
import { newCommand, several } from './options.js'

const description = `Reads a pipeline that Stagegate did not write: whether GitLab takes it, which jobs can publish, and whether the gate holds, by the
same proof as synth: in every pipeline a job that publishes waits for a click, exists for protected tags and branches alone, and cannot
start before the jobs of the gate have succeeded.

Jobs that publish are named with --publishes, or by a comment above or in the job: # stagegate: publishes. So are those of the gate,
with --gate or # stagegate: gate. Local includes and child pipelines are read from --root.`

interface Options {
  readonly publishes?: readonly string[]
  readonly gate?: readonly string[]
  readonly secret?: readonly string[]
  readonly root: string
  readonly json?: boolean
}

export function auditCommand(done: (exitCode: number) => void): Command {
  return newCommand('audit', 'prove the gate on YAML that Stagegate did not write', description)
    .argument('<file>', 'the pipeline, such as .gitlab-ci.yml')
    .option('--publishes <pattern>', 'jobs that publish; * stands for anything; can be repeated', several)
    .option('--gate <job>', 'a job that must have succeeded before; can be repeated', several)
    .option('--secret <variable>', 'a credential of a public repository: whatever uses it publishes; can be repeated', several)
    .option('--root <folder>', 'the project’s folder, for local includes', '.')
    .option('--json', 'print the findings as JSON')
    .action(async (file: string, options: Options) => {
      const { publishes, gate: gates, secret: secrets, root } = options
      const result = audit(await textOf(file), { file, publishes, gates, secrets, readLocal: localFiles(root) })
      process.stdout.write(
        options.json
          ? `${JSON.stringify(result, undefined, 2)}\n`
          : plain(report(result, (path) => (path === file ? file : join(root, path)))),
      )
      done(result.ok ? 0 : 3)
    })
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

function report(result: AuditResult, shown: (file: string) => string): string {
  const { findings, publishers, unread } = result
  const errors = findings.filter(({ severity }) => severity === 'error')
  const warnings = findings.filter(({ severity }) => severity === 'warning')
  const summary = [counted(errors.length, 'error'), counted(warnings.length, 'warning')].filter((part) => part !== '').join(', ')
  return [
    ...[...errors, ...warnings].map((finding) => findingText(finding, shown(finding.file))),
    ...publishers.map(({ where, jobs }) => `Can publish ${where}: ${listed(jobs)}\n`),
    unread.length === 0 ? '' : `Not looked at: ${unread.join(', ')}. What they define may change this.\n`,
    `${summary === '' ? '' : `${summary}. `}${verdict(result)}\n`,
  ].join('')
}

function verdict({ publishers, gates, ok }: AuditResult): string {
  if (!ok) return 'A person must look.'
  if (publishers.length === 0)
    return 'No job is known to publish: name them with --publishes, --secret, or a comment # stagegate: publishes.'
  if (gates.length > 0) return `The gate holds: a click on a protected ref, and ${listed(gates)} before it.`
  return 'What publishes waits for a click on a protected ref. Name what must have succeeded before with --gate, and that is proved too.'
}

/** The first few, and how many more. */
function listed(jobs: readonly string[]): string {
  const shown = jobs.slice(0, 4).join(', ')
  return jobs.length > 4 ? `${shown} and ${jobs.length - 4} more` : shown
}

function findingText({ severity, code, line, message, help }: AuditFinding, file: string): string {
  const place = `${file}${line === undefined ? '' : `:${line}`}`
  return `${severity}: ${oneLine(message)}  [${code}]\n  at ${place}\n${help === undefined ? '' : `  ${help}\n`}\n`
}
