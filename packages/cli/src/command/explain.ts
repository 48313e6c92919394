import { relative } from 'node:path'
import { UsageError } from '@stagegate/schema'
import { type AbsentJob, type JobExplanation, kindOf, type Pipeline, type PlannedJob, type Synthesis } from '@stagegate/sdk'
import type { Command } from 'commander'
import { painted } from '../print/colour.js'
import { issueCount, issueReport } from '../print/issues.js'
import { plain } from '../print/output.js'
import { table, wrappedTable } from '../print/table.js'
import { type EventOptions, eventOptions, namesEvent, pipelineOf } from './event.js'
import { newCommand } from './options.js'
import { synthesize } from './synth.js'

const description = `Shows which jobs of a pipeline would run, which would wait for a click and which would not exist, and why.
With a job's name, shows which rule creates the job, what it waits for, which secrets it can see, and which line of pipeline.ts made it. With only
a job's name, shows this for every kind of pipeline.`

interface Options extends EventOptions {
  readonly file: string
  readonly json?: boolean
}

export function explainCommand(done: (exitCode: number) => void): Command {
  return eventOptions(newCommand('explain', 'show which jobs would run or wait, and why', description))
    .argument('[job]', 'a job’s name, such as "publish: [ubuntu/jammy]"')
    .option('--file <file>', 'the file that exports the App', 'pipeline.ts')
    .option('--json', 'print the findings as JSON')
    .action(async (job: string | undefined, options: Options) => {
      const synthesis = await synthesize(options.file)
      if (!synthesis.ok) {
        process.stderr.write(painted(`${issueReport(synthesis.issues)}\n${issueCount(synthesis.issues)}.\n`, process.stderr))
        return done(2)
      }
      if (job !== undefined) expectJob(job, Object.keys(synthesis.whole.jobs))
      const [document, text] = job !== undefined && !namesEvent(options) ? inAllKinds(job, synthesis) : inPipeline(job, synthesis, options)
      process.stdout.write(options.json ? `${JSON.stringify(document, undefined, 2)}\n` : plain(text))
    })
}

type Answer = readonly [document: object, text: string]

function expectJob(job: string, known: readonly string[]): void {
  if (known.includes(job)) return
  const near = known.filter((name) => name.startsWith(job.slice(0, 4)))
  const shown = (near.length > 0 ? near : known).slice(0, 12)
  const rest = known.length > shown.length ? `, and ${known.length - shown.length} more` : ''
  throw new UsageError({ code: 'usage/job', what: `there is no job ${job}`, next: `There are: ${shown.join(', ')}${rest}.` })
}

/** One job in all kinds; kinds in which it is the same are shown together. */
function inAllKinds(job: string, synthesis: Synthesis): Answer {
  const kinds = synthesis.explain(job)
  const { source, secrets = [] } = synthesis.factsOf(job) ?? {}
  const groups = new Map<string, { readonly kinds: string[]; readonly explained: JobExplanation }>()
  for (const { kind, ...explained } of kinds) {
    const key = JSON.stringify(explained)
    const group = groups.get(key) ?? { kinds: [], explained: { kind, ...explained } }
    if (!group.kinds.includes(kind)) group.kinds.push(kind)
    groups.set(key, group)
  }
  const lines = [...groups.values()].flatMap(({ kinds: names, explained: { exists, ways, environments, audiences } }) => {
    if (exists === 'never') return [`  does not exist in ${names.join(', ')}`, '']
    const rows = ways.flatMap(({ start, because, needs }) => [
      [
        '    starts',
        `${start === 'manual' ? 'when somebody clicks' : 'by itself'}${exists === 'sometimes' ? ', in some of these pipelines' : ''}`,
      ],
      ['    because', because ?? 'it has no rules'],
      ['    needs', needs === undefined ? 'all jobs of the earlier stages' : needs.join(', ') || 'nothing'],
    ])
    return [`  in ${names.join(', ')}`, ...laidOut([...rows, ['    sees', seen(secrets, environments, audiences)]]), '']
  })
  return [{ job, kinds, secrets, source }, `${job}, made at ${placeOf(source)}\n\n${lines.join('\n')}`]
}

/** The credentials, environments and tokens that a job can see. */
function seen(secrets: readonly string[], environments: readonly string[], audiences: readonly string[]): string {
  const parts = [
    ...secrets,
    ...environments.map((name) => `the variables of the environment ${name}`),
    ...audiences.map((audience) => `an ID token for ${audience}`),
  ]
  return parts.join(', ') || 'no credential known to the pipeline'
}

function inPipeline(job: string | undefined, synthesis: Synthesis, options: EventOptions): Answer {
  const { pipeline, event } = pipelineOf(synthesis, options)
  const { kind, because, jobs, refused } = pipeline
  const head = `${event[0]?.toUpperCase()}${event.slice(1)}: `
  const absent = pipeline.absent()
  if (job === undefined) {
    const document = { kind, because, refused, jobs, absent }
    if (refused !== undefined) return [document, `${head}${refusalOf(refused, absent)}`]
    if (kind === undefined) return [document, `${head}no pipeline, because ${because}.\n${kindsOf(synthesis)}`]
    return [
      document,
      `${head}a pipeline of ${kind === '' ? 'no kind' : `the kind ${kind}`}, because ${because}\n\n${listOf(pipeline, because)}`,
    ]
  }
  if (refused !== undefined) return [{ job, refused }, `${head}${refusalOf(refused, absent)}`]
  const planned = jobs.find(({ name }) => name === job)
  if (planned !== undefined) return [planned, `${head}${jobText(planned, pipeline, synthesis)}`]
  const found = absent.find(({ name }) => name === job)
  const why = kind === undefined ? `, since there is no pipeline: ${because}` : ` in the kind ${kind}: ${found?.because}`
  return [found ?? {}, `${head}${job} does not exist${why}.\n`]
}

/** GitLab's sentence, and why the jobs that it reports as missing do not exist. */
function refusalOf(refused: string, absent: readonly AbsentJob[]): string {
  const missing = absent.filter(({ name }) => refused.includes(`'${name}'`))
  const rows = missing.map(({ name, source, because }) => ['  does not exist', name, placeOf(source), because])
  return `GitLab refuses this pipeline.\n  ${refused}\n${rows.length === 0 ? '' : `\n${table(rows).join('\n')}\n`}`
}

/** The existing kinds with their conditions, which the event would have to match. */
function kindsOf({ whole }: Synthesis): string {
  const rules = Array.isArray(whole.workflow['rules']) ? whole.workflow['rules'].flat() : []
  const rows = rules.flatMap((rule) => {
    if (typeof rule !== 'object' || rule === null || Array.isArray(rule)) return []
    const { variables } = rule
    const kind = typeof variables === 'object' && variables !== null && !Array.isArray(variables) ? kindOf(variables) : ''
    return [[`  ${kind || 'none'}`, `${rule['when'] === 'never' ? 'never, ' : ''}if ${String(rule['if'] ?? 'nothing else matches')}`]]
  })
  return `${table(rows).join('\n')}\n`
}

function listOf(pipeline: Pipeline, rule: string): string {
  const rows = pipeline.jobs.map((job) => [stateOf(job), job.name, placeOf(job.source), reasonOf(job, rule)])
  const absent = folded(pipeline.absent()).map((cells) => ['  does not exist', ...cells])
  const clicks = pipeline.manual.length
  const count = pipeline.jobs.length
  return `${laidOut([...rows, ...absent])
    .map((row) => row.trimEnd())
    .join('\n')}\n${countOf(count, clicks)}\n`
}

function countOf(jobs: number, clicks: number): string {
  if (jobs === 1) return clicks === 0 ? '1 job, which does not wait for a click.' : '1 job, which waits for a click.'
  return `${jobs} jobs, ${clicks === 0 ? 'none of them waits' : clicks === 1 ? '1 of them waits' : `${clicks} of them wait`} for a click.`
}

/** More absent jobs than this, with one phase and one reason, are one line. */
const mostAlike = 3

/** Name, place and reason of absent jobs. */
function folded(absent: readonly AbsentJob[]): readonly (readonly string[])[] {
  const groups = new Map<string, AbsentJob[]>()
  for (const job of absent) {
    const key = JSON.stringify([job.name.replace(/: \[.*/, ''), job.because])
    groups.set(key, [...(groups.get(key) ?? []), job])
  }
  return [...groups.values()].flatMap((jobs) => {
    const [first] = jobs
    if (first === undefined || jobs.length <= mostAlike) return jobs.map(({ name, source, because }) => [name, placeOf(source), because])
    return [[`${first.name} and ${jobs.length - 1} similar jobs`, '', first.because]]
  })
}

function stateOf({ when }: PlannedJob): string {
  if (when === 'manual') return '  waits for a click'
  return when === 'on_success' ? '  runs automatically' : `  runs ${when}`
}

/** Empty if the job exists only because the pipeline is of its kind. */
function reasonOf({ because }: PlannedJob, rule: string): string {
  return rule.startsWith(because) || /^(?:\$STAGEGATE_KIND == "[^"]*"(?: \|\| |$))+$/.test(because) ? '' : because
}

function jobText(job: PlannedJob, pipeline: Pipeline, synthesis: Synthesis): string {
  const { environments = [], audiences = [] } = synthesis.explain(job.name).find(({ kind }) => kind === pipeline.kind) ?? {}
  const rows = [
    ['  starts', job.start === 'manual' ? 'when somebody clicks' : `automatically${job.when === 'on_success' ? '' : ` (${job.when})`}`],
    ['  because', job.because],
    ['  needs', job.needs.join(', ') || 'nothing'],
    ['  waits for', pipeline.waitsFor(job.name).join(', ') || 'nothing'],
    ['  sees', seen(job.secrets, environments, audiences)],
    ['  made at', placeOf(job.source)],
  ]
  return `${job.name}, in the kind ${pipeline.kind}\n${laidOut(rows).join('\n')}\n`
}

/** As wide as the terminal; other readers get each row on one line. */
function laidOut(rows: readonly (readonly string[])[]): readonly string[] {
  return wrappedTable(rows, process.stdout.isTTY ? process.stdout.columns : undefined)
}

function placeOf(source: PlannedJob['source']): string {
  return source === undefined ? 'Stagegate' : `${relative(process.cwd(), source.file)}:${source.line}`
}
