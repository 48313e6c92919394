import { dirname, posix } from 'node:path'
import { isSha256, isVariableName, type JsonObject, type JsonValue, type ReleasePlan } from '@stagegate/schema'
import { checkPipeline } from './check/gate/pipeline.js'
import { releaseFacts } from './check/gate/release-facts.js'
import { wholeDocument } from './check/include/whole.js'
import { checkReleases } from './check/releases.js'
import { checkStructure, type Found } from './check/structure.js'
import { checkVersions } from './check/versions/versions.js'
import { Construct, recordedIssues } from './construct.js'
import { isObject, outerStages, type PipelineDocument, plain, stageOf } from './gitlab/document.js'
import type { JobFacts } from './graph/pipeline.js'
import { type Issue, type IssueFacts, issueAt, sentenceOf } from './issue.js'
import { Job } from './job/job.js'
import { includedNeeds, renderJob } from './job/job-document.js'
import { kindConditions } from './job/kind-conditions.js'
import { renderRefusal, renderWorkflow } from './job/pipeline-document.js'
import { type PipelineKeywords, pipelineKeywordNames, renderPipelineKeywords } from './keyword/pipeline-keywords.js'
import { kindVariable, PipelineKind, refusedKind } from './kind.js'
import { defaultLimits, type Finding, lintDocument, type ReadLocal } from './lint/index.js'
import { Release } from './release/release.js'
import { isInstance, isProjectPath } from './release/remote.js'
import { PublicRepo, StagingRepo } from './release/repositories.js'
import { allOf } from './release/route.js'
import { renderFiles } from './render/files.js'
import { renderPlan } from './render/plan.js'
import { certificatesOf, type RepositoryAddress } from './repository/index.js'
import { setSettings, settingsOf } from './settings.js'
import { locate, type SourceLocation } from './source-location.js'
import { Synthesis } from './synthesis.js'

export interface AppProps extends PipelineKeywords {
  readonly cli?: CliProps | undefined
  /** The oldest GitLab to support; it decides which keywords may be rendered. @default >=17.5 */
  readonly gitlab?: string | undefined
  /** For all generated jobs. */
  readonly defaults?: { readonly tags?: readonly string[] | undefined } | undefined
  /** Stages in their order. Those of a release must be among them. @default prepare, build, stage, seal, deploy, approve, publish, verify */
  readonly stages?: readonly string[] | undefined
  /** Where the pipeline is written; the plan and RELEASING.md go beside it. @default .gitlab-ci.yml */
  readonly output?: string | undefined
  /** Where seals are recorded: a directory, or `gitlab`, the project's own generic packages. @default gitlab */
  readonly records?: RepositoryAddress | 'gitlab' | undefined
  readonly project?: ProjectProps | undefined
}

/** The project whose jobs these are. They ask its GitLab who they are, and believe nobody else. */
export interface ProjectProps {
  /** The instance: `https://gitlab.example`. @default https://gitlab.com */
  readonly url?: string | undefined
  /** PEM text of the certificate authorities that vouch for it, in place of the public ones. @default the public authorities */
  readonly ca?: string | undefined
  /** The project's path, `acme/acme`: jobs of a fork or a copy are then refused. @default any project's */
  readonly path?: string | undefined
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

export interface SynthOptions {
  /**
   * Reads a file that the pipeline includes with `local`: its text, or `undefined` where there is none. The command reads
   * the project's; without it nothing is proved of included files, which is a warning where something is published.
   */
  readonly readLocal?: ReadLocal | undefined
}

/** Every copy of the SDK recognizes the apps of every other. */
export const appBrand: unique symbol = Symbol.for('stagegate.app')

interface Patch {
  readonly because: string
  readonly change: (document: PipelineDocument) => void
  readonly source: SourceLocation
}

const version = '0.1.0'
const defaultStages = ['prepare', 'build', 'stage', 'seal', 'deploy', 'approve', 'publish', 'verify']

/** The root of the tree: one pipeline. `pipeline.ts` exports it. */
export class App extends Construct {
  readonly [appBrand] = true
  readonly props: AppProps
  readonly #patches: Patch[] = []
  readonly #accepted = new Map<string, string>()

  constructor(props: AppProps = {}) {
    super(undefined, '', new.target)
    this.refuseUnknown(props, ['cli', 'gitlab', 'defaults', 'stages', 'output', 'records', 'project', ...pipelineKeywordNames])
    refuseImpossible(props)
    this.#refuseKeywords(props)
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

  /**
   * Changes the document before it is checked and rendered, for what nothing here can say. The reason stands in the
   * output's header. What the change throws becomes an issue, and nothing of it is kept.
   * @throws {TypeError} without a reason
   */
  patch(because: string, change: (document: PipelineDocument) => void): void {
    if (because.trim() === '') throw new TypeError('Expected a reason for the patch, got an empty text')
    this.#patches.push({ because, change, source: locate(this.patch) })
  }

  /** Accepts a warning, for a reason that stands in the output's header. */
  accept(code: IssueFacts['code'], because: string): void {
    if (because.trim() === '') throw new TypeError('Expected a reason to accept the warning, got an empty text')
    this.#accepted.set(code, because)
  }

  /** Turns the tree into files, plan and issues. Writes nothing, and never throws for what the author did. */
  synth({ readLocal }: SynthOptions = {}): Synthesis {
    const kinds = allOf(this, PipelineKind)
    const releases = allOf(this, Release)
    for (const release of releases) release.makeCollects(kinds)
    const jobs = allOf(this, Job)
    const publishing = (kind: PipelineKind) => releases.some((release) => release.publishesIn(kind))

    const issues: Issue[] = [...recordedIssues(this), ...checkReleases(this)]
    const byName = new Map<string, Job>()
    const patched = new Map<string, SourceLocation>()
    const complete = this.#patched(this.#document(kinds, jobs, publishing, byName, issues), issues, patched)
    const document = this.#withUsedStages(complete)
    const whole = wholeDocument(document, { readLocal, folder: dirname(this.source.file) })
    const { places, included, refused } = whole
    if (refused !== undefined) issues.push(issueAt(this, refusedFacts(refused)))
    const placeOf = ({ job, source }: Found, otherwise: Construct = this) => {
      const own = job === undefined ? undefined : byName.get(job)
      const place = source ?? (job === undefined || own !== undefined ? undefined : (patched.get(job) ?? places.get(job)))
      return place === undefined ? (own ?? otherwise) : { path: own?.path ?? job ?? '', source: place }
    }
    // Where all included files were read, what is in none of them does not exist; unless another file includes this one.
    const isRoot = posix.basename(this.props.output ?? '.gitlab-ci.yml') === '.gitlab-ci.yml'
    const isAllRead =
      document.include === undefined ? isRoot : readLocal !== undefined && refused === undefined && included.unread.length === 0
    const elsewhere = new Set(isAllRead ? Object.keys(whole.document.jobs) : jobs.flatMap((job) => includedNeeds(job, kinds)))
    // With every stage that there is, so that one which does not exist can be told from all that do.
    for (const found of [...checkStructure(complete, elsewhere), ...checkVersions(document, settingsOf(this).gitlab)]) {
      if (found.facts.code === 'structure/needs-undefined' && isSaid(issues, found.facts)) continue
      issues.push(issueAt(placeOf(found), found.facts))
    }
    const seen = new Set(issues.map((issue) => JSON.stringify([issue.code, issue.path, sentenceOf(issue)])))
    // Where a name stands for two things, what is known of the one would be taken for the other.
    const isAmbiguous = issues.some(({ code }) => code === 'structure/duplicate-name')
    for (const found of isAmbiguous ? [] : checkPipeline(whole.document, releaseFacts(this, byName, whole))) {
      // Of jobs that stand in other files only what they can get at is proved.
      const isOthers = found.job !== undefined && places.has(found.job) && !Object.hasOwn(document.jobs, found.job)
      if (isOthers && !/^(?:gate|secrets)\//.test(found.facts.code)) continue
      const kind = kinds.find(({ label }) => label === kindOf(found.facts))
      const issue = issueAt(placeOf(found, kind), found.facts)
      // What the tree has said already, the document says once more.
      if (!seen.has(JSON.stringify([issue.code, issue.path, sentenceOf(issue)]))) issues.push(issue)
    }
    // What our own checks have found has the author's line, and would be found here once more.
    if (issues.every(({ severity }) => severity !== 'error') && Object.keys(document.jobs).length > 0) {
      const found = refusedByGitLab(document, readLocal, isAllRead || elsewhere.size === 0)
      issues.push(...found.map((one) => issueAt(placeOf(one), one.facts)))
    }
    if (releases.some((release) => kinds.some((kind) => release.stagesIn(kind)))) issues.push(...this.#warnings())
    if (Object.keys(document.jobs).length === 0)
      issues.push(issueAt(this, { code: 'structure/empty', kinds: kinds.map(({ label }) => label) }))
    const plan = this.#plan(kinds, releases)
    const facts = new Map<string, JobFacts>([
      ...[...places, ...patched].map(([name, source]) => [name, { source, secrets: [] }] as const),
      ...[...byName].map(
        ([name, job]) => [name, { source: job.source, secrets: job.definition.secrets.map(({ variable }) => variable) }] as const,
      ),
    ])
    const failed = issues.some(({ severity }) => severity === 'error')
    const exceptions = [
      ...this.#patches.map(({ because }) => `patched: ${because}`),
      ...[...byName.values()].flatMap(exceptionsOf),
      ...[...this.#accepted].map(([code, because]) => `accepted: ${code}: ${because}`),
    ]
    const paths = { author: this.source.file, output: this.props.output ?? '.gitlab-ci.yml', plan: settingsOf(this).planPath }
    const files = failed ? [] : renderFiles({ document, plan, kinds, releases, facts, exceptions, places: paths })
    const bytes = Buffer.byteLength(files[0]?.text ?? '')
    if (bytes > defaultLimits.fileBytes) issues.push(issueAt(this, { code: 'structure/too-big', bytes, limit: defaultLimits.fileBytes }))
    const remaining = this.#unaccepted(issues, document.include !== undefined)
    return new Synthesis({ files, plan, issues: remaining, document, whole: whole.document, facts })
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
    const conditions = kindConditions(kinds, publishing)
    const rendered = jobs.flatMap((job) => {
      const { name } = job
      const first = byName.get(name)
      const issue = (facts: IssueFacts) => issues.push(issueAt(job, facts))
      // Two of one label in one scope are recorded by the tree; here two different places make one name.
      if (first !== undefined && first.path !== job.path) issue({ code: 'structure/duplicate-name', name, first: first.source })
      if (Object.hasOwn(refusal, name)) issue({ code: 'structure/reserved-name', job: name })
      const body = renderJob(job, conditions, issue)
      if (body === undefined || first !== undefined || Object.hasOwn(refusal, name)) return []
      byName.set(name, job)
      for (const { path, value } of job.overrides) {
        const at = setPath(body, path, value)
        if (at !== undefined) issue({ code: 'structure/override', job: name, keyword: path, at })
      }
      return [[name, body] as const]
    })
    const ordered = [outerStages[0], ...stages, outerStages[1]]
    const position = ([, body]: readonly [string, JsonObject]) =>
      ordered.includes(String(body['stage'])) ? ordered.indexOf(String(body['stage'])) : ordered.length
    rendered.sort((a, b) => position(a) - position(b))
    const { workflow, variables, ...keywords } = renderPipelineKeywords(this.props)
    // A copy, so that no patch reaches what the tree holds, nor two places at once.
    return plainDocument({
      stages,
      workflow: renderWorkflow(kinds, publishing, workflow),
      variables: { [kindVariable]: '', ...variables },
      ...keywords,
      jobs: { ...refusal, ...Object.fromEntries(rendered) },
    })
  }

  /** What is no keyword is an issue; a value of another type is refused at once, like those of the app's other props. */
  #refuseKeywords(props: AppProps): void {
    renderPipelineKeywords(props, (problem) => {
      if (problem.is === 'value') throw new TypeError(`Expected ${problem.expected} in ${problem.keyword}, got ${problem.found}`)
      this.report({ code: 'structure/unknown-property', name: '', property: problem.keyword, meant: problem.meant })
    })
  }

  /** The document with all patches; the jobs that they add are made at their lines. */
  #patched(document: PipelineDocument, issues: Issue[], made: Map<string, SourceLocation>): PipelineDocument {
    return this.#patches.reduce((before, { because, change, source }) => {
      try {
        const changed = plainDocument(before)
        change(changed)
        const after = plainDocument(changed)
        for (const name of Object.keys(after.jobs)) if (!Object.hasOwn(before.jobs, name)) made.set(name, source)
        return after
      } catch (error) {
        const problem = error instanceof Error ? error.message : String(error)
        issues.push(issueAt({ path: this.path, source }, { code: 'structure/patch', because, problem }))
        return before
      }
    }, document)
  }

  /** Without the stages that no job has. Those of patches count; included files may have jobs in any. */
  #withUsedStages(document: PipelineDocument): PipelineDocument {
    if (document.include !== undefined) return document
    const own = this.props.stages ?? defaultStages
    const used = new Set(Object.values(document.jobs).map(stageOf))
    return { ...document, stages: document.stages.filter((stage) => used.has(stage) || !own.includes(stage)) }
  }

  #warnings(): readonly Issue[] {
    const { cli = {} } = this.props
    const { image, pin } = settingsOf(this)
    return [
      ...(pin === undefined
        ? [issueAt(this, { code: 'isolation/command-not-pinned', because: cli.pin === false ? 'off' : 'unknown' })]
        : []),
      ...(image.includes('@sha256:') ? [] : [issueAt(this, { code: 'isolation/image-not-pinned', image })]),
    ]
  }

  #unaccepted(issues: readonly Issue[], includes: boolean): readonly Issue[] {
    const unused = [...this.#accepted.keys()].filter(
      (code) =>
        !issues.some((issue) => issue.code === code && issue.severity === 'warning') &&
        // Whether it occurs depends on who synthesizes: with a reader of local files, or without.
        !(code === 'gate/include' && includes),
    )
    const left = issues.filter((issue) => issue.severity === 'error' || !this.#accepted.has(issue.code))
    return [...left, ...unused.map((accepted) => issueAt(this, { code: 'accept/unused', accepted }))]
  }

  #plan(kinds: readonly PipelineKind[], releases: readonly Release[]): ReleasePlan {
    const { records = 'gitlab', cli = {}, project = {} } = this.props
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
      repositories: [...allOf(this, StagingRepo), ...allOf(this, PublicRepo)],
      releases,
    })
  }
}

/** GitLab's own rules, on the document as it will be rendered. */
function refusedByGitLab(document: PipelineDocument, readLocal: ReadLocal | undefined, knowsAllJobs: boolean): readonly Found[] {
  const { jobs, prefill: _, spec: __, ...rest } = document
  return lintDocument({ ...rest, ...jobs }, { ...(readLocal && { readLocal }) }).flatMap(({ severity, code, job, message, path }) =>
    severity === 'warning' || (code === 'gitlab/needs-undefined' && !knowsAllJobs)
      ? []
      : [{ job, facts: refusedFacts({ code, path, message }) }],
  )
}

function refusedFacts({ code, path, message }: Pick<Finding, 'code' | 'path' | 'message'>): IssueFacts {
  return { code: 'gitlab/refused', finding: code, at: path.join('.'), message }
}

/** A job that exists in no kind is said to be absent in one: that it is undefined too would be the same twice. */
function isSaid(issues: readonly Issue[], { job, needs }: { readonly job: string; readonly needs: string }): boolean {
  return issues.some((issue) => issue.code === 'kinds/producer-absent' && issue.job === job && issue.needs === needs)
}

/** The kind that an issue is about, where it is about no job. */
function kindOf(facts: IssueFacts): string | undefined {
  if (facts.code === 'kinds/hidden') return facts.kind
  return facts.code === 'isolation/cancelled' ? facts.of : undefined
}

/** What of a job a reviewer should know: it stands in the output's header. */
function exceptionsOf({ name, overrides, exempt }: Job): readonly string[] {
  const overridden = overrides.map(({ path, because }) => `${name}: ${path} overridden: ${because}`)
  return exempt === undefined ? overridden : [...overridden, `${name}: publishes ${exempt.publishes} outside the gate: ${exempt.because}`]
}

function oldestGitLab(range: string): readonly [number, number] {
  const match = /^>=\s*(\d+)\.(\d+)$/.exec(range)
  if (match === null) throw new TypeError(`Expected the oldest GitLab to support, such as >=17.5, got ${JSON.stringify(range)}`)
  return [Number(match[1]), Number(match[2])]
}

/** What types cannot say and no construct could be blamed for later. */
function refuseImpossible({ cli = {}, output, records = 'gitlab', project = {} }: AppProps): void {
  if (cli.sha256 !== undefined && !isSha256(cli.sha256))
    throw new TypeError(`Expected the command's sha256, got ${JSON.stringify(cli.sha256)}`)
  const wrong = (cli.allow ?? []).find((name) => !isVariableName(name))
  if (wrong !== undefined) throw new TypeError(`Expected the name of a variable in cli.allow, got ${JSON.stringify(wrong)}`)
  const [unknown] = Object.keys(project).filter((name) => !['url', 'ca', 'path'].includes(name))
  if (unknown !== undefined) throw new TypeError(`Expected url, ca and path in project, got ${unknown}`)
  if (project.ca !== undefined) certificatesOf(project.ca, 'project.ca')
  // It is not repeated: a password may stand in it.
  if (project.url !== undefined && !isInstance(project.url))
    throw new TypeError('Expected the address of a GitLab in project.url, such as https://gitlab.example, got something else')
  if (project.path !== undefined && !isProjectPath(project.path))
    throw new TypeError(`Expected the path of a project in project.path, such as acme/acme, got ${JSON.stringify(project.path)}`)
  if (output === '') throw new TypeError('Expected a file for the output, got an empty text')
  if (records !== 'gitlab' && records.type !== 'directory')
    throw new TypeError(`Expected gitlab or a directory for the records, got a repository of the type ${records.type}`)
}

/** A copy, once more in the form that everything after relies on. */
function plainDocument(document: PipelineDocument): PipelineDocument {
  const { stages, workflow, variables, jobs, ...rest } = document
  const copy = plain({ stages, workflow, variables, jobs, ...rest })
  const sound =
    Array.isArray(copy.stages) &&
    copy.stages.every((stage) => typeof stage === 'string') &&
    isObject(copy.workflow) &&
    isObject(copy.variables) &&
    isObject(copy.jobs)
  if (!sound) throw new TypeError('Expected stages as a list of names, and workflow, variables and jobs as objects')
  const job = Object.entries(copy.jobs).find(([, body]) => !isObject(body))
  if (job !== undefined) throw new TypeError(`Expected an object for the job ${job[0]}`)
  return copy
}

/** Sets `artifacts.reports.junit`, making the objects on the way; answers where that would have dropped a value. */
function setPath(body: JsonObject, path: string, value: JsonValue): string | undefined {
  const keys = path.split('.')
  let at: JsonValue = body
  for (const [index, key] of keys.entries()) {
    const isLast = index === keys.length - 1
    const next: JsonValue | undefined = isLast ? value : (member(at, key) ?? {})
    if (isObject(at)) at[key] = next
    // The item after the last one is a new one.
    else if (Array.isArray(at) && /^\d+$/.test(key) && Number(key) <= at.length) at[Number(key)] = next
    else return keys.slice(0, index).join('.')
    at = next
  }
  return undefined
}

function member(at: JsonValue, key: string): JsonValue | undefined {
  if (Array.isArray(at)) return at[Number(key)]
  return isObject(at) && Object.hasOwn(at, key) ? at[key] : undefined
}
