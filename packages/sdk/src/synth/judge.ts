import { canBeAllowed, hostileVariables } from '@stagegate/schema'
import type { Program } from '../app-props.js'
import type { ReleaseFacts } from '../check/gate/facts.js'
import { releaseFacts } from '../check/gate/release-facts.js'
import { anyStart } from '../check/gate/start.js'
import { startOfChild } from '../check/include/children.js'
import type { WholePipeline } from '../check/include/whole.js'
import { scriptsIn } from '../check/isolation/lifecycle.js'
import { checkPipeline } from '../check/pipeline.js'
import { checkStructure } from '../check/structure.js'
import { checkVersions } from '../check/versions/versions.js'
import { outerStages, stageOf } from '../gitlab/document.js'
import type { Found, IssueFacts } from '../issue/facts.js'
import { type Finding, lintDocument, lintSpec, type ReadLocal } from '../lint/index.js'
import { isOfGate } from '../report/catalogue.js'
import type { Issue, Place } from '../report/issue.js'
import { settingsOf } from '../settings.js'
import type { SourceLocation } from '../source-location.js'
import type { Root } from './beside-root.js'
import type { MadeDocument } from './document.js'
import { Issues, onePerLine } from './issues.js'
import { isNeverChild, judgeFamily } from './judge-family.js'
import type { Resolved } from './resolve.js'
import { beside } from './stages.js'
import type { Tree } from './tree.js'

/** The results of the earlier phases. */
export interface Judged {
  readonly app: Program
  readonly tree: Tree
  readonly made: MadeDocument
  readonly resolved: Resolved
}

/** Problems that follow from another: the jobs of a release without targets, and what two things of one name share. */
const causes: ReadonlyMap<string, IssueFacts['code']> = new Map([
  ['kinds/unreachable', 'routes/empty'],
  ['routes/collision', 'structure/duplicate-name'],
])

/** Phase 4: judges the tree and the document. */
export function judge(judged: Judged): readonly Issue[] {
  const { app, tree, made, resolved } = judged
  const issues = new Issues()
  const problems = [...tree.problems, ...made.problems]
  // A construct that was not understood makes a different pipeline than the author means, so other findings may only follow from it.
  const isMisread = problems.some(({ facts }) => facts.code === 'structure/unknown-property')
  const codes = new Set(problems.map(({ facts }) => facts.code))
  for (const { at, facts } of problems) {
    const cause = causes.get(facts.code)
    const follows = cause !== undefined && codes.has(cause)
    if (isMisread ? facts.code.startsWith('structure/') : !follows) issues.add(at, facts)
  }
  if (isMisread) return onePerLine(issues.all)
  for (const { refused } of [resolved, ...resolved.alternatives]) if (refused !== undefined) issues.add(app, refusedFacts(refused))
  judgeStructure(judged, issues)
  // If two things share a name, facts about one could be reported for the other.
  const isClear = !issues.has(({ code }) => code === 'structure/duplicate-name')
  const family = isClear ? judgeFamily({ ...judged, facts: factsOf(judged, resolved) }) : []
  for (const found of family) issues.add(placeOf(judged, found), found.facts)
  for (const facts of besideFacts(judged, family.length > 0)) issues.add(app, facts)
  if (isClear) for (const whole of [resolved, ...resolved.alternatives]) judgeKinds(judged, whole, issues)
  // Our own checks name the cause; GitLab's rules would report its consequences.
  if (!issues.hasErrors && Object.keys(made.document.jobs).length > 0) {
    for (const found of refusedByGitLab(judged)) issues.add(placeOf(judged, found), found.facts)
  }
  if (tree.releases.some((release) => tree.kinds.some((kind) => release.stagesIn(kind)))) judgeCommand(judged, issues)
  if (Object.keys(made.document.jobs).length === 0 && !codes.has('routes/empty'))
    issues.add(app, { code: 'structure/empty', kinds: tree.kinds.map(({ label }) => label) })
  return onePerLine(issues.all)
}

/** The project's own file decides about stages and the workflow, and whether this file is part of the pipeline. */
function besideFacts({ app, made, resolved: { root } }: Judged, isStarted: boolean): readonly IssueFacts[] {
  if (root === undefined || app.props.startedBy !== undefined) return []
  const { output } = app
  if (!root.includes) return isStarted ? [] : [{ code: 'structure/not-included', file: output }]
  const { stages } = root
  const used = new Set(Object.values(made.document.jobs).map(stageOf))
  const isMissing =
    stages !== undefined && [...used].some((stage) => !stages.includes(stage) && !outerStages.some((outer) => outer === stage))
  const order = made.withAllStages.stages.filter((stage) => used.has(stage) || stages?.includes(stage))
  return [
    ...(isMissing ? [{ code: 'structure/root-stages', file: output, stages: beside(stages ?? [], order) } as const] : []),
    ...(app.props.workflow === 'theirs'
      ? []
      : [{ code: 'structure/workflow-included', file: output, wins: root.places.has('workflow') ? 'own' : 'generated' } as const]),
  ]
}

/** The construct that made the job, or the line of the patch or of the included file; otherwise the app. */
function placeOf({ app, made, resolved }: Judged, { job, source }: Found, otherwise: Place = app): Place {
  const own = job === undefined ? undefined : made.jobs.get(job)
  const line = source ?? (job === undefined || own !== undefined ? undefined : (made.patched.get(job) ?? resolved.places.get(job)))
  return line === undefined ? (own ?? otherwise) : { path: own?.path ?? job ?? '', source: line }
}

function judgeStructure(judged: Judged, issues: Issues): void {
  const { app, made, resolved } = judged
  // With every stage, so that a missing stage differs from an unused one. The root's stages exist for our jobs too.
  const all = made.withAllStages
  const theirs = app.props.startedBy === undefined ? resolved.root?.stages : undefined
  const document = { ...all, stages: beside(theirs ?? [], all.stages) }
  for (const found of [...checkStructure(document, resolved.known), ...checkVersions(made.document, settingsOf(app).gitlab)]) {
    const { facts } = found
    if (!isConsequence(facts, issues)) issues.add(placeOf(judged, found), facts)
  }
}

/** The cause is already reported: a job that is absent in a kind is undefined in all, and a keyword was not understood. */
function isConsequence(facts: IssueFacts, issues: Issues): boolean {
  if (facts.code === 'structure/needs-undefined')
    return issues.has((one) => one.code === 'kinds/producer-absent' && one.job === facts.job && one.needs === facts.needs)
  if (facts.code === 'structure/needs-duplicate')
    return issues.has((one) => one.code === 'structure/duplicate-name' && facts.needs.includes(one.name))
  return facts.code === 'structure/no-script' && issues.has((one) => one.code === 'structure/unknown-keyword' && one.job === facts.job)
}

function factsOf({ app, made }: Judged, { places, included }: Pick<WholePipeline, 'places' | 'included'>): ReleaseFacts {
  const start = app.props.startedBy === undefined ? anyStart : startOfChild
  return releaseFacts(app, made.jobs, { places, included, asMade: made.asMade, start })
}

/** If child pipelines never have a kind, that is reported, and not that its jobs are in no pipeline. */
function isReported({ app, tree }: Judged, facts: IssueFacts): boolean {
  const never = app.props.startedBy === undefined ? [] : tree.kinds.filter(isNeverChild)
  if (facts.code === 'kinds/unreachable') return never.length > 0
  return facts.code === 'kinds/hidden' && never.some(({ label }) => label === facts.kind)
}

function judgeKinds(judged: Judged, { document, places, included }: WholePipeline, issues: Issues): void {
  const { tree, made } = judged
  const facts = factsOf(judged, { places, included })
  for (const found of checkPipeline(document, facts)) {
    if (isReported(judged, found.facts)) continue
    // Jobs of other files are judged only for their access to the public.
    const isOthers = found.job !== undefined && places.has(found.job) && !Object.hasOwn(made.written.jobs, found.job)
    if (isOthers && !isOfGate(found.facts)) continue
    const kind = tree.kinds.find(({ label }) => label === kindOf(found.facts))
    issues.add(placeOf({ ...judged, resolved: { ...judged.resolved, places } }, found, kind), found.facts)
  }
}

/** The kind that an issue is about, if it is not about a job. */
function kindOf(facts: IssueFacts): string | undefined {
  if (facts.code === 'kinds/hidden' || facts.code === 'kinds/redefined') return facts.kind
  return facts.code === 'isolation/cancelled' ? facts.of : undefined
}

/** GitLab's own rules, on the document as it will be rendered, or on the project's own file that includes it. */
function refusedByGitLab({ app, made: { written }, resolved }: Judged): readonly Found[] {
  const { readLocal, isComplete, known, root } = resolved
  const isChild = app.props.startedBy !== undefined
  const ofRoot =
    root?.errors.map((finding) => ({
      job: isChild ? undefined : finding.job,
      source: placeIn(finding, root),
      facts: refusedFacts(finding),
    })) ?? []
  if (ofRoot.length > 0 || (root?.includes === true && !isChild)) return ofRoot
  const { jobs, prefill: _, spec, ...rest } = written
  const knowsAllJobs = isComplete || known.size === 0
  const findings = lintDocument({ ...rest, ...jobs }, { ...(readLocal && { readLocal }) })
  return [...(spec === undefined ? [] : lintSpec(spec)), ...findings].flatMap((finding) =>
    finding.severity === 'warning' || (finding.code === 'gitlab/needs-undefined' && !knowsAllJobs)
      ? []
      : [{ job: finding.job, facts: refusedFacts(finding) }],
  )
}

function placeIn({ job, line }: Finding, { places }: Root): SourceLocation | undefined {
  const [first] = places.values()
  if (job !== undefined && !places.has(job)) return undefined
  return line === undefined || first === undefined ? undefined : { ...first, line }
}

function refusedFacts({ code, path, message }: Pick<Finding, 'code' | 'path' | 'message'>): IssueFacts {
  return { code: 'gitlab/refused', finding: code, at: path.join('.'), message }
}

/** The files that `npm ci` reads next to the author's file, and that do not exist. */
function missingFor(readLocal: ReadLocal, home: string): readonly string[] {
  const lacks = (path: string) => readLocal(`${home}${path}`) === undefined
  const locked = ['package-lock.json', 'npm-shrinkwrap.json'].some((path) => !lacks(path))
  return [...(lacks('package.json') ? ['package.json'] : []), ...(locked ? [] : ['package-lock.json'])]
}

function judgeCommand({ app, resolved: { readLocal } }: Judged, issues: Issues): void {
  const { home, image, pin, install, runsScripts } = settingsOf(app)
  // A reader that cannot list the project may see only YAML files.
  const missing = app.props.cli?.install === undefined && readLocal?.list !== undefined ? missingFor(readLocal, home) : []
  if (missing.length > 0) issues.add(app, { code: 'structure/install', missing, line: install.join('; ') })
  const scripts = scriptsIn(install)
  if (scripts !== undefined)
    issues.add(app, { code: 'isolation/lifecycle-scripts', line: scripts.line, is: runsScripts() ? 'accepted' : scripts.is })
  for (const variable of app.props.cli?.allow ?? []) {
    const effect = canBeAllowed(variable) ? undefined : hostileVariables[variable.toUpperCase()]
    if (effect !== undefined) issues.add(app, { code: 'isolation/allowed-variable', variable, effect })
  }
  if (pin === undefined)
    issues.add(app, { code: 'isolation/command-not-pinned', because: app.props.cli?.pin === false ? 'off' : 'unknown' })
  if (!image.includes('@sha256:')) issues.add(app, { code: 'isolation/image-not-pinned', image })
}
