import type { ReleasePlan } from '@stagegate/schema'
import type { Program } from '../app-props.js'
import type { JobFacts } from '../graph/pipeline.js'
import type { Job } from '../job/job.js'
import { defaultLimits } from '../lint/index.js'
import { PublicRepo, StagingRepo } from '../release/repositories.js'
import { allOf } from '../release/route.js'
import { renderFiles } from '../render/files.js'
import { renderPlan } from '../render/plan.js'
import { type Issue, issueAt } from '../report/issue.js'
import { certificatesOf } from '../repository/index.js'
import { settingsOf } from '../settings.js'
import { Synthesis } from '../synthesis.js'
import type { Judged } from './judge.js'
import type { Tree } from './tree.js'

const version = '0.1.0'

/** Phase 5: renders the files, unless there is an error. */
export function render(judged: Judged, issues: readonly Issue[]): Synthesis {
  const { app, tree, made, resolved } = judged
  const { document } = made
  const plan = planOf(app, tree)
  const facts = factsOf(judged)
  const paths = { author: app.source.file, output: app.output, plan: settingsOf(app).planPath }
  const { kinds, releases } = tree
  const failed = issues.some(({ severity }) => severity === 'error')
  const files = failed
    ? []
    : renderFiles({ document, plan, kinds, releases, facts, exceptions: exceptionsIn(app, made.jobs), places: paths })
  const all = [...issues, ...tooBig(app, files[0]?.text ?? '')]
  return new Synthesis({
    files,
    plan,
    issues: unaccepted(app, all, document.include !== undefined),
    document,
    whole: resolved.document,
    facts,
  })
}

function tooBig(app: Program, yaml: string): readonly Issue[] {
  const bytes = Buffer.byteLength(yaml)
  const limit = defaultLimits.fileBytes
  return bytes > limit ? [issueAt(app, { code: 'structure/too-big', bytes, limit })] : []
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
    ...[...app.accepted].map(([code, because]) => `accepted: ${code}: ${because}`),
  ]
}

function unaccepted({ path, source, accepted }: Program, issues: readonly Issue[], includes: boolean): readonly Issue[] {
  const occurs = (code: string) => issues.some((issue) => issue.code === code && issue.severity === 'warning')
  // Whether gate/include occurs depends on who synthesizes: with a reader of local files, or without.
  const unused = [...accepted.keys()].filter((code) => !occurs(code) && !(code === 'gate/include' && includes))
  const left = issues.filter((issue) => issue.severity === 'error' || !accepted.has(issue.code))
  return [...left, ...unused.map((code) => issueAt({ path, source }, { code: 'accept/unused', accepted: code }))]
}

function planOf(app: Program, { kinds, releases }: Tree): ReleasePlan {
  const { records = 'gitlab', cli = {}, project = {} } = app.props
  return renderPlan({
    generator: `@stagegate/sdk ${version}`,
    project: {
      url: new URL(project.url ?? 'https://gitlab.com').href.replace(/\/+$/, ''),
      ...(project.ca !== undefined && { ca: certificatesOf(project.ca, 'project.ca') }),
      ...(project.path !== undefined && { path: project.path }),
    },
    records: records === 'gitlab' ? { type: 'gitlab' } : { type: 'directory', path: String(records.settings['path']) },
    allowedVariables: cli.allow ?? [],
    kinds,
    repositories: [...allOf(app, StagingRepo), ...allOf(app, PublicRepo)],
    releases,
  })
}
