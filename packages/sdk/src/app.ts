import { dirname, posix, relative } from 'node:path'
import type { JsonObject, JsonValue, ReleasePlan } from '@stagegate/schema'
import { checkReleases } from './check/releases.js'
import { checkStructure } from './check/structure.js'
import { Construct, recordedIssues } from './construct.js'
import { isObject, type PipelineDocument } from './gitlab/document.js'
import { Job } from './gitlab/job.js'
import { renderJob } from './gitlab/job-document.js'
import { renderRefusal, renderWorkflow } from './gitlab/pipeline-document.js'
import type { JobFacts } from './graph/pipeline.js'
import { type Issue, type IssueFacts, issueAt } from './issue.js'
import { kindVariable, PipelineKind, refusedKind } from './kind.js'
import { Release } from './release/release.js'
import { PublicRepo, StagingRepo } from './release/repositories.js'
import { allOf } from './release/route.js'
import { renderPlan } from './render/plan.js'
import { renderRunbook } from './render/runbook.js'
import { renderYaml } from './render/yaml.js'
import type { RepositoryAddress } from './repository/index.js'
import { setSettings, settingsOf } from './settings.js'
import { Synthesis, type SynthesizedFile } from './synthesis.js'

export interface AppProps {
  readonly cli?: CliProps | undefined
  /** The oldest GitLab to support; it decides which keywords may be rendered. @default >=17.5 */
  readonly gitlab?: string | undefined
  /** For all generated jobs. */
  readonly defaults?: { readonly tags?: readonly string[] | undefined } | undefined
  /** Stages in their order. Those of a release must be among them. @default prepare, build, stage, seal, deploy, publish, verify */
  readonly stages?: readonly string[] | undefined
  /** Where the pipeline is written; the plan and RELEASING.md go beside it. @default .gitlab-ci.yml */
  readonly output?: string | undefined
  /** Where seals are recorded: a directory, or `gitlab`, the project's own generic packages. @default gitlab */
  readonly records?: RepositoryAddress | 'gitlab' | undefined
}

/** How the generated jobs come by their command. */
export interface CliProps {
  /** What generated jobs run in; best pinned by digest. @default node:24-slim */
  readonly image?: string | undefined
  /** The script of `prepare`. @default npm ci --ignore-scripts */
  readonly install?: readonly string[] | undefined
  /** Whether every job checks the command's sha256. @default true */
  readonly pin?: boolean | undefined
  /** The command's sha256. @default what the package `stagegate` says of its own */
  readonly sha256?: string | undefined
  /** Variables such as HTTPS_PROXY that jobs with credentials may find set. */
  readonly allow?: readonly string[] | undefined
}

/** Every copy of the SDK recognizes the apps of every other. */
export const appBrand: unique symbol = Symbol.for('stagegate.app')

interface Patch {
  readonly because: string
  readonly change: (document: PipelineDocument) => void
}

const version = '0.1.0'
const defaultStages = ['prepare', 'build', 'stage', 'seal', 'deploy', 'publish', 'verify']

/** The root of the tree: one pipeline. `pipeline.ts` exports it. */
export class App extends Construct {
  readonly [appBrand] = true
  readonly props: AppProps
  readonly #patches: Patch[] = []
  readonly #accepted = new Map<string, string>()

  constructor(props: AppProps = {}) {
    super(undefined, '', new.target)
    this.props = props
    const { cli = {}, output = '.gitlab-ci.yml' } = props
    setSettings(this, {
      image: cli.image ?? 'node:24-slim',
      install: cli.install ?? ['npm ci --ignore-scripts'],
      pin: cli.pin === false ? undefined : cli.sha256,
      tags: props.defaults?.tags,
      gitlab: oldestGitLab(props.gitlab ?? '>=17.5'),
      planPath: posix.join(posix.dirname(output), 'release-plan.json'),
    })
  }

  /** Changes the document before it is checked and rendered, for what nothing here can say. The reason stands in the output's header. */
  patch(because: string, change: (document: PipelineDocument) => void): void {
    if (because.trim() === '') throw new TypeError('Expected a reason for the patch, got an empty text')
    this.#patches.push({ because, change })
  }

  /** Accepts a warning, for a reason that stands in the output's header. */
  accept(code: IssueFacts['code'], because: string): void {
    if (because.trim() === '') throw new TypeError('Expected a reason to accept the warning, got an empty text')
    this.#accepted.set(code, because)
  }

  /** Turns the tree into files, plan and issues. Writes nothing, and never throws for what the author did. */
  synth(): Synthesis {
    const kinds = allOf(this, PipelineKind)
    const releases = allOf(this, Release)
    const jobs = allOf(this, Job)
    const publishing = (kind: PipelineKind) => releases.some((release) => release.publishesIn(kind))

    const issues: Issue[] = [...recordedIssues(this), ...checkReleases(this)]
    const byName = new Map<string, Job>()
    const document = this.#document(kinds, jobs, publishing, byName, issues)
    this.#applyPatches(document)
    for (const { job, facts } of checkStructure(document))
      issues.push(issueAt((job === undefined ? undefined : byName.get(job)) ?? this, facts))
    issues.push(...this.#warnings(releases))
    if (Object.keys(document.jobs).length === 0)
      issues.push(issueAt(this, { code: 'structure/empty', kinds: kinds.map(({ label }) => label) }))
    const remaining = this.#unaccepted(issues)

    const plan = this.#plan(kinds, releases)
    const facts = new Map<string, JobFacts>(
      [...byName].map(([name, job]) => [name, { source: job.source, secrets: job.definition.secrets.map(({ variable }) => variable) }]),
    )
    const failed = remaining.some(({ severity }) => severity === 'error')
    const files = failed ? [] : this.#files(document, plan, kinds, releases, byName)
    return new Synthesis({ files, plan, issues: remaining, document, facts })
  }

  #document(
    kinds: readonly PipelineKind[],
    jobs: readonly Job[],
    publishing: (kind: PipelineKind) => boolean,
    byName: Map<string, Job>,
    issues: Issue[],
  ): PipelineDocument {
    const stages = [...(this.props.stages ?? defaultStages)]
    const { image } = settingsOf(this)
    const refusal: Record<string, JsonObject> = kinds.some(publishing) ? { [refusedKind]: renderRefusal(image) } : {}
    const rendered = jobs.flatMap((job) => {
      const { name } = job
      const first = byName.get(name)
      const issue = (facts: IssueFacts) => issues.push(issueAt(job, facts))
      // The same label twice is recorded by the tree; here two different labels make one name.
      if (first !== undefined && first.label !== job.label) issue({ code: 'structure/duplicate-name', name, first: first.source })
      const body = renderJob(job, kinds, publishing, issue)
      if (body === undefined || first !== undefined) return []
      byName.set(name, job)
      for (const { path, value } of job.overrides) setPath(body, path, value)
      return [[name, body] as const]
    })
    const position = ([, body]: readonly [string, JsonObject]) =>
      stages.includes(String(body['stage'])) ? stages.indexOf(String(body['stage'])) : stages.length
    rendered.sort((a, b) => position(a) - position(b))
    return {
      stages: usedStages(stages, rendered),
      workflow: renderWorkflow(kinds, publishing),
      variables: { [kindVariable]: '' },
      jobs: { ...refusal, ...Object.fromEntries(rendered) },
    }
  }

  #applyPatches(document: PipelineDocument): void {
    for (const { change } of this.#patches) change(document)
  }

  #warnings(releases: readonly Release[]): readonly Issue[] {
    if (releases.length === 0) return []
    const { cli = {} } = this.props
    const { image, pin } = settingsOf(this)
    return [
      ...(pin === undefined
        ? [issueAt(this, { code: 'isolation/command-not-pinned', because: cli.pin === false ? 'off' : 'unknown' })]
        : []),
      ...(image.includes('@sha256:') ? [] : [issueAt(this, { code: 'isolation/image-not-pinned', image })]),
    ]
  }

  #unaccepted(issues: readonly Issue[]): readonly Issue[] {
    const unused = [...this.#accepted.keys()].filter((code) => !issues.some((issue) => issue.code === code && issue.severity === 'warning'))
    const left = issues.filter((issue) => issue.severity === 'error' || !this.#accepted.has(issue.code))
    return [...left, ...unused.map((accepted) => issueAt(this, { code: 'accept/unused', accepted }))]
  }

  #plan(kinds: readonly PipelineKind[], releases: readonly Release[]): ReleasePlan {
    const { records = 'gitlab', cli = {} } = this.props
    return renderPlan({
      generator: `@stagegate/sdk ${version}`,
      records: records === 'gitlab' ? { type: 'gitlab' } : { type: 'directory', path: String(records.settings['path']) },
      allowedVariables: cli.allow ?? [],
      kinds,
      repositories: [...allOf(this, StagingRepo), ...allOf(this, PublicRepo)],
      releases,
    })
  }

  #files(
    document: PipelineDocument,
    plan: ReleasePlan,
    kinds: readonly PipelineKind[],
    releases: readonly Release[],
    byName: ReadonlyMap<string, Job>,
  ): readonly SynthesizedFile[] {
    const output = this.props.output ?? '.gitlab-ci.yml'
    const folder = dirname(this.source.file)
    const author = relative(folder, this.source.file)
    const exceptions = [
      ...this.#patches.map(({ because }) => `patched: ${because}`),
      ...[...byName.values()].flatMap((job) => job.overrides.map(({ path, because }) => `${job.name}: ${path} overridden: ${because}`)),
      ...[...this.#accepted].map(([code, because]) => `accepted: ${code}: ${because}`),
    ]
    const header = [`Written by stagegate synth from ${author}. Do not edit; change ${author} and synthesize again.`, ...exceptions]
    const comment = (name: string) => {
      const source = byName.get(name)?.source
      return source === undefined ? undefined : `${relative(folder, source.file)}:${source.line}`
    }
    const yaml = { path: output, text: renderYaml(document, { header, comment }) }
    if (releases.length === 0) return [yaml]
    return [
      yaml,
      { path: settingsOf(this).planPath, text: `${JSON.stringify(plan, undefined, 2)}\n` },
      { path: posix.join(posix.dirname(output), 'RELEASING.md'), text: renderRunbook(releases, kinds, author) },
    ]
  }
}

function usedStages(stages: readonly string[], rendered: readonly (readonly [string, JsonObject])[]): string[] {
  const used = new Set(rendered.map(([, body]) => body['stage']))
  return stages.filter((stage) => used.has(stage))
}

function oldestGitLab(range: string): readonly [number, number] {
  const match = /^>=\s*(\d+)\.(\d+)$/.exec(range)
  if (match === null) throw new TypeError(`Expected the oldest GitLab to support, such as >=17.5, got ${JSON.stringify(range)}`)
  return [Number(match[1]), Number(match[2])]
}

/** Sets `artifacts.reports.junit`, making the objects on the way. */
function setPath(body: JsonObject, path: string, value: JsonValue): void {
  const keys = path.split('.')
  const last = keys.pop() ?? path
  let at = body
  for (const key of keys) {
    const next = at[key]
    if (isObject(next)) at = next
    else at = at[key] = {}
  }
  at[last] = value
}
