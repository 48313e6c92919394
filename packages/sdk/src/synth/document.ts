import { type JsonObject, type JsonValue, kindVariable } from '@stagegate/schema'
import type { Patch, Program } from '../app-props.js'
import { isObject, type JobDocument, outerStages, type PipelineDocument, plain, stageOf } from '../gitlab/document.js'
import type { IssueFacts, Recorded } from '../issue/facts.js'
import type { Job } from '../job/job.js'
import { renderJob } from '../job/job-document.js'
import { kindConditions } from '../job/kind-conditions.js'
import { renderRefusal, renderWorkflow } from '../job/pipeline-document.js'
import { renderPipelineKeywords } from '../keyword/pipeline-keywords.js'
import { refusedKind } from '../kind.js'
import { withPlanDigest } from '../release/jobs/command.js'
import { proveSame } from '../render/same-pipeline.js'
import { withSharedParts } from '../render/shared-parts.js'
import { settingsOf } from '../settings.js'
import type { SourceLocation } from '../source-location.js'
import { type PlanFile, planFileOf } from './plan.js'
import { beside } from './stages.js'
import type { Tree } from './tree.js'

/** The pipeline as it will be rendered, and where its jobs come from. */
export interface MadeDocument {
  readonly document: PipelineDocument
  /** The same as written to the file: jobs extend shared parts. */
  readonly written: PipelineDocument
  /** The same with every stage that the author named, used or not. */
  readonly withAllStages: PipelineDocument
  /** The constructs of the jobs by name. */
  readonly jobs: ReadonlyMap<string, Job>
  /** The lines of the patches that made jobs, by name. */
  readonly patched: ReadonlyMap<string, SourceLocation>
  /** The jobs as they were made, before overrides and patches. */
  readonly asMade: ReadonlyMap<string, JobDocument>
  readonly plan: PlanFile
  readonly problems: readonly Recorded[]
}

const defaultStages = ['prepare', 'build', 'stage', 'seal', 'deploy', 'approve', 'publish', 'verify']

/** The default stages. */
const defaultOfGitLab = ['build', 'test', 'deploy']

function without(stages: readonly string[], others: readonly string[]): readonly string[] {
  return stages.filter((stage) => !others.includes(stage))
}

/** Phase 2: makes the document, with all overrides and patches. */
export function makeDocument(app: Program, tree: Tree): MadeDocument {
  const plan = planFileOf(app, tree)
  const rendered = renderJobs(app, tree, plan)
  const stages = [...(app.props.stages ?? defaultStages)]
  const { workflow, variables, ...keywords } = renderPipelineKeywords(app.props)
  // A copy, so that no patch reaches values of the tree.
  const isTold = app.props.workflow !== 'theirs'
  const document = plainDocument({
    stages: isTold ? stages : beside(defaultOfGitLab, stages),
    workflow: isTold ? renderWorkflow(tree.kinds, tree.publishing, workflow) : {},
    variables: { ...(isTold && { [kindVariable]: '' }), ...variables },
    ...keywords,
    jobs: inStageOrder(rendered.bodies, stages),
  })
  const patched = applyPatches(app, document)
  const used = withUsedStages(patched.document, isTold ? stages : without(stages, defaultOfGitLab))
  return {
    document: used,
    written: app.props.sharedParts === false ? used : shared(used),
    withAllStages: patched.document,
    jobs: rendered.jobs,
    patched: patched.made,
    asMade: rendered.asMade,
    plan,
    problems: [...rendered.problems, ...patched.problems],
  }
}

/** @throws {Error} if that would be a different pipeline */
function shared(document: PipelineDocument): PipelineDocument {
  const written = withSharedParts(document)
  proveSame(document, written)
  return written
}

interface Rendered {
  readonly jobs: ReadonlyMap<string, Job>
  readonly bodies: Readonly<Record<string, JsonObject>>
  readonly asMade: ReadonlyMap<string, JobDocument>
  readonly problems: readonly Recorded[]
}

function renderJobs(app: Program, { kinds, jobs, publishing }: Tree, plan: PlanFile): Rendered {
  const conditions = kindConditions(kinds, publishing, app.props.workflow !== 'theirs')
  const refusal: Record<string, JsonObject> = kinds.some(publishing)
    ? { [refusedKind]: renderRefusal(settingsOf(app).image, conditions) }
    : {}
  const byName = new Map<string, Job>()
  const bodies: Record<string, JsonObject> = { ...refusal }
  const asMade = new Map<string, JobDocument>()
  const problems: Recorded[] = []
  for (const job of jobs) {
    const { name } = job
    const report = (facts: IssueFacts) => void problems.push({ at: job, facts })
    const first = byName.get(name)
    // The tree reports two equal labels in one scope; here labels of different scopes make the same name.
    if (first !== undefined && first.path !== job.path) report({ code: 'structure/duplicate-name', name, first: first.source })
    if (Object.hasOwn(refusal, name)) report({ code: 'structure/reserved-name', job: name })
    const made = renderJob(job, conditions, report)
    const body = made === undefined ? undefined : withPlan(made, plan)
    if (body === undefined || first !== undefined || Object.hasOwn(refusal, name)) continue
    byName.set(name, job)
    asMade.set(name, job.overrides.length === 0 ? body : plain(body))
    for (const { path, value } of job.overrides) {
      const at = setPath(body, path, value)
      if (at !== undefined) report({ code: 'structure/override', job: name, keyword: path, at })
    }
    bodies[name] = body
  }
  return { jobs: byName, bodies, asMade, problems }
}

function withPlan(body: JobDocument, { sha256 }: PlanFile): JobDocument {
  const { script } = body
  if (!Array.isArray(script)) return body
  return { ...body, script: script.map((line) => (typeof line === 'string' ? withPlanDigest(line, sha256) : line)) }
}

/** The refusing job first, then the others by their stages. */
function inStageOrder(bodies: Readonly<Record<string, JsonObject>>, stages: readonly string[]): Record<string, JsonObject> {
  const ordered = [outerStages[0], ...stages, outerStages[1]]
  const position = ([name, body]: readonly [string, JsonObject]) => {
    if (name === refusedKind) return -1
    const index = ordered.indexOf(String(body['stage']))
    return index === -1 ? ordered.length : index
  }
  return Object.fromEntries(Object.entries(bodies).sort((a, b) => position(a) - position(b)))
}

interface Patched {
  readonly document: PipelineDocument
  readonly made: ReadonlyMap<string, SourceLocation>
  readonly problems: readonly Recorded[]
}

/** The document after all patches. A patch that throws changes nothing. */
function applyPatches(app: Program, document: PipelineDocument): Patched {
  const made = new Map<string, SourceLocation>()
  const problems: Recorded[] = []
  let current = document
  for (const patch of app.patches) {
    try {
      const after = patchedOnce(current, patch)
      for (const name of Object.keys(after.jobs)) if (!Object.hasOwn(current.jobs, name)) made.set(name, patch.source)
      current = after
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error)
      const at = { path: app.path, source: patch.source }
      problems.push({ at, facts: { code: 'structure/patch', because: patch.because, problem } })
    }
  }
  return { document: current, made, problems }
}

function patchedOnce(document: PipelineDocument, { change }: Patch): PipelineDocument {
  const changed = plainDocument(document)
  change(changed)
  return plainDocument(changed)
}

/** Without stages that no job uses. Stages that patches added stay, since included files may have jobs in any stage. */
function withUsedStages(document: PipelineDocument, own: readonly string[]): PipelineDocument {
  if (document.include !== undefined) return document
  const used = new Set(Object.values(document.jobs).map(stageOf))
  return { ...document, stages: document.stages.filter((stage) => used.has(stage) || !own.includes(stage)) }
}

/** A copy in the form that the later phases rely on. @throws {TypeError} if it has another form */
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

/** Sets `artifacts.reports.junit` and makes missing objects on the way; returns where it would have dropped a value. */
function setPath(body: JsonObject, path: string, value: JsonValue): string | undefined {
  const keys = path.split('.')
  let at: JsonValue = body
  for (const [index, key] of keys.entries()) {
    const isLast = index === keys.length - 1
    const next: JsonValue | undefined = isLast ? value : (member(at, key) ?? {})
    if (isObject(at)) at[key] = next
    // An index after the last item adds a new one.
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
