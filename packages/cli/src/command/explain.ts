import { relative } from 'node:path'
import { UsageError } from '@stagegate/schema'
import type { Pipeline, PlannedJob, Synthesis } from '@stagegate/sdk'
import type { Command } from 'commander'
import { issueCount, issueReport } from '../print/issues.js'
import { table } from '../print/table.js'
import { type EventOptions, eventOf, eventOptions, namesEvent } from './event.js'
import { newCommand } from './options.js'
import { synthesize } from './synth.js'

const description = `Says which jobs would run for a tag, a branch or a merge request, which would wait for a click, and why.
With a job's name, says what that job waits for, which credentials it uses, and which line made it; without a tag, branch or merge
request, for every kind of pipeline.`

interface Options extends EventOptions {
  readonly file: string
  readonly json?: boolean
}

export function explainCommand(done: (exitCode: number) => void): Command {
  return eventOptions(newCommand('explain', 'say what would run, what would wait, and why', description))
    .argument('[job]', 'a job’s name, such as "publish: [ubuntu/jammy]"')
    .option('--file <file>', 'the author’s file', 'pipeline.ts')
    .option('--json', 'print what was found as JSON')
    .action(async (job: string | undefined, options: Options) => {
      const synthesis = await synthesize(options.file)
      if (!synthesis.ok) {
        process.stderr.write(`${issueReport(synthesis.issues)}\n${issueCount(synthesis.issues)}.\n`)
        return done(2)
      }
      if (job !== undefined && !namesEvent(options)) return explainEverywhere(job, synthesis, options.json === true)
      const pipeline = synthesis.pipeline(eventOf(options))
      const planned = job === undefined ? undefined : pipeline.jobs.find(({ name }) => name === job)
      if (options.json)
        process.stdout.write(
          `${JSON.stringify(job === undefined ? { kind: pipeline.kind, jobs: pipeline.jobs } : (planned ?? null), undefined, 2)}\n`,
        )
      else if (job === undefined) process.stdout.write(pipelineText(pipeline, Object.keys(synthesis.document.jobs)))
      else if (planned !== undefined) process.stdout.write(jobText(planned, pipeline))
      else process.stdout.write(absentText(job, pipeline, Object.keys(synthesis.document.jobs)))
    })
}

/** One job in all kinds. */
function explainEverywhere(job: string, synthesis: Synthesis, json: boolean): void {
  const known = Object.keys(synthesis.document.jobs)
  if (!known.includes(job))
    throw new UsageError({ code: 'usage/job', what: `there is no job ${job}`, next: `There are: ${known.join(', ')}.` })
  const kinds = synthesis.explain(job)
  const { source, secrets = [] } = synthesis.factsOf(job) ?? {}
  if (json) {
    process.stdout.write(`${JSON.stringify({ job, kinds, secrets, source }, undefined, 2)}\n`)
    return
  }
  const rows = kinds.flatMap(({ kind, exists, ways }): string[][] =>
    exists === 'never'
      ? [[`  ${kind}`, 'does not exist']]
      : ways.flatMap(({ start, because, needs }, index) => [
          [
            index === 0 ? `  ${kind}` : '',
            `${start === 'manual' ? 'waits for a click' : 'runs by itself'}${exists === 'sometimes' ? ', in some of its pipelines' : ''}`,
          ],
          ['', `because ${because ?? 'it has no rules'}`],
          ['', `needs ${needs === undefined ? 'all jobs of the earlier stages' : needs.join(', ') || 'nothing'}`],
        ]),
  )
  const last = [
    ['  credentials', secrets.join(', ') || 'none'],
    ['  made at', placeOf(source)],
  ]
  process.stdout.write(`${job}\n${table([...rows, ...last]).join('\n')}\n`)
}

function pipelineText({ kind, jobs, manual }: Pipeline, known: readonly string[]): string {
  if (kind === undefined || jobs.length === 0) return 'No pipeline: no kind matches.\n'
  const rows = jobs.map((job) => [`  ${job.start === 'manual' ? 'waits for a click' : 'runs by itself'}`, job.name, place(job)])
  const present = new Set(jobs.map(({ name }) => name))
  const absent = known.filter((name) => !present.has(name)).map((name) => ['  does not exist', name, 'none of its rules match'])
  return `Kind: ${kind}\n${table([...rows, ...absent]).join('\n')}\n${jobs.length} jobs, ${manual.length} of them wait for a click.\n`
}

function jobText(job: PlannedJob, pipeline: Pipeline): string {
  const rows = [
    ['  starts', job.start === 'manual' ? 'when somebody clicks' : 'by itself'],
    ['  because', job.because],
    ['  needs', job.needs.join(', ') || 'nothing'],
    ['  waits for', pipeline.waitsFor(job.name).join(', ') || 'nothing'],
    ['  credentials', job.secrets.join(', ') || 'none'],
    ['  made at', place(job)],
  ]
  return `${job.name}, in the kind ${pipeline.kind}\n${table(rows).join('\n')}\n`
}

function absentText(job: string, pipeline: Pipeline, known: readonly string[]): string {
  if (!known.includes(job))
    throw new UsageError({ code: 'usage/job', what: `there is no job ${job}`, next: `There are: ${known.join(', ')}.` })
  if (pipeline.kind === undefined) return `${job} does not exist: no kind matches, so there is no pipeline.\n`
  return `${job} does not exist in the kind ${pipeline.kind}: none of its rules match.\n`
}

function place({ source }: PlannedJob): string {
  return placeOf(source)
}

function placeOf(source: PlannedJob['source']): string {
  return source === undefined ? 'Stagegate' : `${relative(process.cwd(), source.file)}:${source.line}`
}
