import { join, resolve } from 'node:path'
import { UsageError } from '@stagegate/schema'
import { type AuditFinding, audit } from '@stagegate/sdk'
import type { Command } from 'commander'
import { applyBaseline } from '../audit/apply-baseline.js'
import type { GitlabOptions } from '../audit/ask-gitlab.js'
import { codeQualityOf } from '../audit/code-quality.js'
import { asJson, exitCodeOf, freshIn, type Judged } from '../audit/judged.js'
import { report } from '../audit/report.js'
import { readSource, type Source } from '../audit/source.js'
import { writeText } from '../audit/write-text.js'
import { localFiles } from '../author/local-files.js'
import { painted } from '../print/colour.js'
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

With --gitlab, GitLab merges the file first, with everything that it includes, and its own errors and warnings are shown. The token is read
from a variable and sent to that GitLab alone. With --merged the file is such a merged configuration already.

A baseline accepts the findings of today: write it with --baseline FILE --update-baseline, commit it, and only new findings count from then
on. Accepted ones that no longer occur are named.

Exit codes: 0 the gate holds, 2 GitLab refuses the file, 3 the gate is open, 4 nothing is open in what was read, but not all was read. Name
what you answer for yourself with --trust.`

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

export function auditCommand(done: (exitCode: number) => void): Command {
  return newCommand('audit', 'prove the gate on YAML that Stagegate did not write', description)
    .argument('[file]', 'the pipeline, such as .gitlab-ci.yml; with --gitlab it can be left out: then the project’s own')
    .option('--publishes <pattern>', 'jobs that publish; * stands for anything; can be repeated', several)
    .option('--gate <job>', 'a job that must have succeeded before; can be repeated', several)
    .option('--secret <variable>', 'a credential of a public repository: whatever uses it publishes; can be repeated', several)
    .option('--trust <file>', 'an included file that is not read, and that you answer for; can be repeated', several)
    .option('--root <folder>', 'the project’s folder, for local includes', '.')
    .option('--merged', 'the file is a merged configuration, as GitLab’s CI Lint API makes it: it includes nothing')
    .option('--gitlab <url>', 'a GitLab that merges and judges the file first, by its CI Lint API; needs --project')
    .option('--project <path>', 'the project for which it does so')
    .option('--ref <ref>', 'the branch or tag for which it does so (default: the default branch)')
    .option('--token-variable <name>', 'the variable with a token of that GitLab, with the scope api', 'GITLAB_TOKEN')
    .option('--baseline <file>', 'findings that are accepted: only others are shown, and count for the exit code')
    .option('--update-baseline', 'accept the findings of today: write them into the baseline')
    .option('--codequality <file>', 'write the findings as GitLab’s Code Quality report, for artifacts:reports:codequality')
    .option('--json', 'print the findings as JSON')
    .action(async (file: string | undefined, options: Options) => {
      const { root } = options
      refuseToOverwrite(options.codequality, [file, options.baseline])
      const source = await readSource(file, options)
      const judged = await judge(source, options)
      if (options.codequality !== undefined) await writeReport(options.codequality, freshIn(judged))
      const called = {
        words: process.argv.slice(2),
        shown: (path: string) => (path === source.name && file !== undefined ? file : join(root, path)),
      }
      process.stdout.write(options.json ? `${documentOf(asJson(judged))}\n` : painted(plain(report(judged, called)), process.stdout))
      done(exitCodeOf(judged))
    })
}

function refuseToOverwrite(report: string | undefined, inputs: readonly (string | undefined)[]): void {
  if (report === undefined || !inputs.some((input) => input !== undefined && resolve(input) === resolve(report))) return
  throw new UsageError({
    code: 'usage/options',
    where: report,
    what: 'the report would overwrite it',
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
