import type { Program } from '../app-props.js'
import { givenInChild } from '../check/include/children.js'
import type { PipelineDocument } from '../gitlab/document.js'
import type { JobFacts } from '../graph/pipeline.js'
import type { Job } from '../job/job.js'
import { defaultLimits, memoryOf } from '../lint/index.js'
import { PublicRepo } from '../release/repositories.js'
import { allOf } from '../release/route.js'
import { renderFiles } from '../render/files.js'
import { type Issue, issueAt } from '../report/issue.js'
import { settingsOf } from '../settings.js'
import { Synthesis } from '../synthesis.js'
import { nameOf, unaccepted } from './accepted.js'
import type { Judged } from './judge.js'

/** Phase 5: renders the files, unless there is an error. */
export function render(judged: Judged, issues: readonly Issue[]): Synthesis {
  const { app, tree, made, resolved } = judged
  const { document, written, plan } = made
  const facts = factsOf(judged)
  const paths = { author: app.source.file, output: app.output, plan: settingsOf(app).planPath, root: app.root }
  const { kinds, releases } = tree
  const failed = issues.some(({ severity }) => severity === 'error')
  const files = failed
    ? []
    : renderFiles({
        document: written,
        whole: resolved.document,
        plan: plan.text,
        kinds,
        releases,
        jobs: made.jobs,
        facts,
        exceptions: exceptionsIn(app, made.jobs),
        startedBy: app.props.startedBy?.job,
        places: paths,
      })
  const all = [...issues, ...(failed ? [] : tooBig(app, files[0]?.text ?? '', written))]
  return new Synthesis({
    root: app.root,
    files,
    plan: plan.document,
    issues: unaccepted(app, all, unsureOf(judged)),
    document,
    whole: resolved.document,
    facts,
    given: app.props.startedBy === undefined ? {} : givenInChild,
  })
}

function unsureOf({ made, resolved }: Judged): readonly string[] {
  return [
    ...(made.document.include === undefined ? [] : ['gate/include']),
    ...(resolved.readLocal?.list === undefined ? ['structure/install'] : []),
  ]
}

/** GitLab's own count of its memory can differ a little, so the warning comes at half of the limit. */
function tooBig(app: Program, yaml: string, { jobs, prefill: _, spec: __, ...rest }: PipelineDocument): readonly Issue[] {
  const { fileBytes, expandedBytes } = defaultLimits
  const bytes = Buffer.byteLength(yaml)
  if (bytes > fileBytes) return [issueAt(app, { code: 'structure/too-big', bytes, limit: fileBytes, of: 'file' })]
  const memory = memoryOf({ ...rest, ...jobs }) ?? 0
  return memory * 2 > expandedBytes ? [issueAt(app, { code: 'structure/too-big', bytes: memory, limit: expandedBytes, of: 'memory' })] : []
}

/** The line of each job, and the variables of its credentials. */
function factsOf({ made, resolved }: Judged): ReadonlyMap<string, JobFacts> {
  const others = [...resolved.places, ...made.patched].map(([name, source]) => [name, { source, secrets: [] }] as const)
  const own = [...made.jobs].map(
    ([name, { source, definition }]) => [name, { source, secrets: definition.secrets.map(({ variable }) => variable) }] as const,
  )
  return new Map<string, JobFacts>([...others, ...own])
}

/** Everything that a reviewer should see first, each with its reason. */
function exceptionsIn(app: Program, jobs: ReadonlyMap<string, Job>): readonly string[] {
  return [
    ...app.patches.map(({ because }) => `patched: ${because}`),
    ...[...jobs.values()].flatMap(({ name, overrides, exempt }) => [
      ...overrides.map(({ path, because }) => `${name}: ${path} overridden: ${because}`),
      ...(exempt === undefined ? [] : [`${name}: publishes ${exempt.publishes} outside the gate: ${exempt.because}`]),
    ]),
    ...allOf(app, PublicRepo).flatMap(({ label, trustsJobs }) =>
      trustsJobs === undefined ? [] : [`${label}: each job of the project can publish there: ${trustsJobs}`],
    ),
    ...app.accepted.map((one) => `accepted: ${nameOf(one)}: ${one.because}`),
  ]
}
