import { join, resolve } from 'node:path'
import { UsageError } from '@stagegate/schema'
import { type AuditFinding, audit } from '@stagegate/sdk'
import type { Command } from 'commander'
import { applyBaseline } from '../audit/apply-baseline.js'
import type { GitlabOptions } from '../audit/ask-gitlab.js'
import { codeQualityOf } from '../audit/code-quality.js'
import { asJson, auditExitCode, freshIn, type Judged } from '../audit/judged.js'
import { report } from '../audit/report.js'
import { readSource, type Source } from '../audit/source.js'
import { writeText } from '../audit/write-text.js'
import { localFiles, projectFolderOf } from '../author/local-files.js'
import { painted } from '../print/colour.js'
import { documentOf, plain } from '../print/output.js'
import { newCommand, several } from './options.js'

const description = `Checks a pipeline that Stagegate did not generate: whether GitLab accepts it, which jobs can publish, and whether the gate holds, with the
same proof as synth: in every pipeline, a job that publishes waits for a click, exists only for protected tags and branches, and cannot
start before the jobs of the gate have succeeded.

The proof covers every combination of rules, includes and inputs: an included file with rules may be included or not, and an input may have
any of its values. A release plan next to the file names the jobs that publish and the jobs before them.

Name jobs that publish with --publishes, or with a comment above or in the job: # stagegate: publishes. Name jobs of the gate
with --gate or # stagegate: gate. Local includes and child pipelines are read from --root. If you name none, audit uses well-known commands,
keywords and names to guess which jobs publish. It prints each guess with the text it is based on, and reports it as a warning at most.

With --gitlab, GitLab first merges the file with everything that it includes, and audit shows GitLab's errors and warnings. The token is read
from a variable and sent only to that GitLab. With --merged, the file is already such a merged configuration.

A baseline accepts the current findings: write it with --baseline FILE --update-baseline and commit it. From then on, only new findings
count. Audit lists accepted findings that no longer occur.

Exit codes: 0 the gate holds, 2 GitLab refuses the file, 3 the gate is open, 4 nothing is open in the files that were read, but some were not.
Name files that you have reviewed yourself with --trust.`

interface Options extends GitlabOptions {
  readonly publishes?: readonly string[]
  readonly gate?: readonly string[]
  readonly secret?: readonly string[]
  readonly trust?: readonly string[]
  readonly root: string
  readonly baseline?: string
  readonly updateBaseline?: boolean
  readonly codequality?: string
  readonly merged?: boolean
  readonly json?: boolean
}

type Given = Omit<Options, 'root'> & { readonly root?: string }

export function auditCommand(done: (exitCode: number) => void): Command {
  return newCommand('audit', 'prove the gate of YAML that Stagegate did not generate', description)
    .argument('[file]', 'the pipeline, such as .gitlab-ci.yml (default with --gitlab: the project’s own)')
    .option('--publishes <pattern>', 'jobs that publish; * matches anything; can be repeated', several)
    .option('--gate <job>', 'a job that must succeed before publishing; can be repeated', several)
    .option('--secret <variable>', 'a credential of a public repository: every job that uses it publishes; can be repeated', several)
    .option('--trust <file>', 'an included file that is not read, but that you have reviewed; can be repeated', several)
    .option('--root <folder>', 'the project’s folder, for local includes (default: this folder, or the checkout of a file outside it)')
    .option('--merged', 'the file is a merged configuration from GitLab’s CI Lint API, without includes')
    .option('--gitlab <url>', 'a GitLab whose CI Lint API merges and checks the file first; needs --project')
    .option('--project <path>', 'the project for which GitLab does this')
    .option('--ref <ref>', 'the branch or tag for which GitLab does this (default: the default branch)')
    .option('--token-variable <name>', 'the variable that holds a token of that GitLab with the scope api', 'GITLAB_TOKEN')
    .option('--baseline <file>', 'a file of accepted findings: only other findings are shown and change the exit code')
    .option('--update-baseline', 'accept the current findings: write them to the baseline')
    .option('--codequality <file>', 'write the findings as a GitLab Code Quality report, for artifacts:reports:codequality')
    .option('--json', 'print the findings as JSON')
    .action(async (file: string | undefined, { root = projectFolderOf(file ?? ''), ...given }: Given) => {
      const options = { ...given, root }
      refuseToOverwrite(options.codequality, [file, options.baseline])
      const source = await readSource(file, options)
      const judged = await judge(source, options)
      if (options.codequality !== undefined) await writeReport(options.codequality, freshIn(judged))
      const called = {
        words: process.argv.slice(2),
        shown: (path: string) => (path === source.name && file !== undefined ? file : join(root, path)),
      }
      process.stdout.write(options.json ? `${documentOf(asJson(judged))}\n` : painted(plain(report(judged, called)), process.stdout))
      done(auditExitCode(judged))
    })
}

function refuseToOverwrite(report: string | undefined, inputs: readonly (string | undefined)[]): void {
  if (report === undefined || !inputs.some((input) => input !== undefined && resolve(input) === resolve(report))) return
  throw new UsageError({
    code: 'usage/options',
    where: report,
    what: 'the Code Quality report would overwrite this file',
    next: 'Name another file for --codequality.',
  })
}

function writeReport(path: string, findings: readonly AuditFinding[]): Promise<void> {
  return writeText(path, `${JSON.stringify(codeQualityOf(findings), undefined, 2)}\n`)
}

async function judge({ yaml, name, plan, written, gitlab }: Source, options: Options): Promise<Judged> {
  const { publishes, gate: gates, secret: secrets, trust, root } = options
  const result = audit(yaml, {
    file: name,
    publishes,
    gates,
    secrets,
    trust,
    plan,
    written,
    readLocal: localFiles(root),
    eachGate: options.baseline !== undefined,
  })
  return { result, gitlab, baseline: await applyBaseline({ ...result, valid: result.valid && gitlab?.valid !== false }, options) }
}
