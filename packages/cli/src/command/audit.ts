import { existsSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UsageError } from '@stagegate/schema'
import { type AuditFinding, type AuditResult, audit } from '@stagegate/sdk'
import type { Command } from 'commander'
import { counted } from '../print/issues.js'
import { plain } from '../print/output.js'
import { newCommand, several } from './options.js'

const description = `Reads a pipeline that Stagegate did not write: whether GitLab takes it, which jobs can publish, and whether the gate holds, by the
same proof as synth. Jobs that publish are named with --publishes, or by a comment in the file: # stagegate: publishes.
What must have succeeded before is named with --gate, or by # stagegate: gate. Local includes are read from --root.`

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
    .option('--json', 'print what was found as JSON')
    .action(async (file: string, options: Options) => {
      const { publishes, gate: gates, secret: secrets, root } = options
      const result = audit(await textOf(file), { publishes, gates, secrets, readLocal: (path) => readLocal(root, path) })
      process.stdout.write(options.json ? `${JSON.stringify(result, undefined, 2)}\n` : plain(report(file, result)))
      done(result.ok ? 0 : 3)
    })
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new UsageError({ code: 'usage/file', what: cause instanceof Error ? cause.message : String(cause), where: file, cause })
  }
}

function readLocal(root: string, path: string): string | undefined {
  const file = join(root, path)
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}

function report(file: string, { findings, publishers, unread, ok }: AuditResult): string {
  const errors = findings.filter(({ severity }) => severity === 'error').length
  const summary = [counted(errors, 'error'), counted(findings.length - errors, 'warning')].filter((part) => part !== '').join(', ')
  const said = publishers.map(({ kind, jobs }) => `can publish in ${kind}: ${listed(jobs)}\n`)
  const left = unread.length === 0 ? '' : `Not looked at: ${unread.join(', ')}. What they define may change this.\n`
  const verdict =
    publishers.length === 0 && ok
      ? 'No job is known to publish: name them with --publishes, --secret, or a comment # stagegate: publishes.'
      : ok
        ? 'The gate holds.'
        : 'A person must look.'
  return `${findings.map((finding) => findingText(file, finding)).join('')}${said.join('')}${left}${summary === '' ? '' : `${summary}. `}${verdict}\n`
}

/** The first few, and how many more. */
function listed(jobs: readonly string[]): string {
  const shown = jobs.slice(0, 4).join(', ')
  return jobs.length > 4 ? `${shown} and ${jobs.length - 4} more` : shown
}

function findingText(file: string, { severity, code, line, message, help }: AuditFinding): string {
  return `${severity}: ${message}  [${code}]\n  at ${file}${line === undefined ? '' : `:${line}`}\n${help === undefined ? '' : `  ${help}\n`}\n`
}
