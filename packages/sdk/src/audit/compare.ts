import { isDeepStrictEqual } from 'node:util'
import type { ReleasePlan } from '@stagegate/schema'
import { vaultIn } from '../check/gate/id-tokens.js'
import { checkPipeline } from '../check/gate/pipeline.js'
import { childrenOf, nothingIncluded } from '../check/include/whole.js'
import type { PipelineDocument } from '../gitlab/document.js'
import { certainAt } from '../graph/certainty.js'
import { waitsFor } from '../graph/graph.js'
import { type KindGraph, type KindJob, kindGraphs } from '../graph/kinds.js'
import type { IssueFacts } from '../issue/facts.js'
import { type LintResult, lintText, type ReadLocal } from '../lint/index.js'
import { documentOf } from '../lint/resolve/document.js'
import { fits } from '../name-pattern.js'
import { identityOf, issueAt, sentenceOf } from '../report/issue.js'
import { type Marks, marksIn } from './marks.js'
import { planFacts } from './plan-facts.js'

/** One version of a pipeline: its YAML, and the plan beside it. */
export interface PipelineVersion {
  readonly yaml: string
  readonly plan?: ReleasePlan | undefined
  /** Reads a file that it includes with `local`, as it was then; without it none is looked at. */
  readonly readLocal?: ReadLocal | undefined
  /** Names of jobs that publish; `*` stands for anything. Beside those of the plan, and those that a comment marks. */
  readonly publishes?: readonly string[] | undefined
  /** Names of jobs that must have succeeded before anything is published. Beside those that a comment marks. */
  readonly gates?: readonly string[] | undefined
}

export interface PipelineChange {
  /** `weakened`: the gate, the hold or a secret is worse protected than before. */
  readonly what: 'weakened' | 'appears' | 'vanishes' | 'changes'
  readonly job: string | undefined
  /** Kinds of pipeline that this is about; none where it is about all. */
  readonly kinds: readonly string[]
  readonly message: string
}

/** A pipeline that GitLab refuses cannot be compared. */
export interface Incomparable {
  readonly version: 'before' | 'after'
  /** Counted from 1. */
  readonly line: number | undefined
  readonly message: string
}

/**
 * Compares two versions by what they mean: first whatever weakens the gate, then jobs that appear, vanish or change. Which jobs
 * publish the plan says, or a comment as `audit` reads it, or `publishes`, in either version: to take the comment away hides nothing.
 */
export function comparePipelines(before: PipelineVersion, after: PipelineVersion): readonly PipelineChange[] | Incomparable {
  const marks = [before, after].flatMap(marksOf)
  const [old, now] = [readVersion(before, marks), readVersion(after, marks)]
  if ('refused' in old) return { version: 'before', ...old.refused }
  if ('refused' in now) return { version: 'after', ...now.refused }
  return merged([...newFindings(old, now), ...weakerWaits(old, now), ...weakerPlan(before.plan, after.plan), ...changedJobs(old, now)])
}

/** The jobs that are known to publish, by the plan, a comment or their name. Where there are none, nothing is said of a gate. */
export function publishersIn(version: PipelineVersion): readonly string[] {
  return [...planFacts(version.plan).publishers.keys(), ...marksOf(version).flatMap(({ publishes }) => publishes)]
}

/** The first of the names that `publishes` and `gates` have which is that of no job in either version: a slip in it would make the gate look right. */
export function nameOfNoJob(...versions: readonly PipelineVersion[]): string | undefined {
  const names = versions.flatMap(jobsIn)
  return (
    versions.flatMap(({ publishes = [] }) => publishes).find((pattern) => !names.some((name) => fits(name, pattern))) ??
    versions.flatMap(({ gates = [] }) => gates).find((gate) => !names.includes(gate))
  )
}

function marksOf(version: PipelineVersion): readonly Marks[] {
  const { yaml, publishes = [], gates = [] } = version
  const comments = [yaml, ...lintOf(version).read.map(({ text }) => text)].map(marksIn)
  const named = jobsIn(version).filter((name) => publishes.some((pattern) => fits(name, pattern)))
  return [...comments, { publishes: named, gates }]
}

function jobsIn(version: PipelineVersion): readonly string[] {
  const { resolved } = lintOf(version)
  return resolved === undefined ? [] : Object.keys(documentOf(resolved).jobs)
}

function lintOf({ yaml, readLocal }: PipelineVersion): LintResult {
  return lintText(yaml, { ...(readLocal && { readLocal }) })
}

interface Read {
  readonly document: PipelineDocument
  readonly publishers: ReadonlySet<string>
  /** The jobs that only bring a target into the seal: they go when it goes. */
  readonly parts: ReadonlySet<string>
  readonly kinds: ReadonlyMap<string, ReadonlyMap<string, JobRead>>
  /** Sentences of errors, with the job of each. */
  readonly errors: readonly { readonly job: string | undefined; readonly facts: IssueFacts }[]
  /** Files that nobody has looked at. */
  readonly unread: readonly string[]
}
interface JobRead {
  readonly manual: boolean
  readonly waits: ReadonlySet<string>
  /** The ones that have certainly succeeded when it starts: no need is optional, and none may fail. */
  readonly surely: () => ReadonlySet<string>
}

function readVersion(version: PipelineVersion, marks: readonly Marks[]): Read | { readonly refused: Omit<Incomparable, 'version'> } {
  const { plan, readLocal } = version
  const { resolved, findings, valid, unread } = lintOf(version)
  if (!valid || resolved === undefined) {
    const { line, message } = findings.find(({ severity }) => severity === 'error') ?? { line: undefined, message: 'it cannot be read' }
    return { refused: { line, message } }
  }
  const document = documentOf(resolved)
  const planned = planFacts(plan)
  const children = childrenOf(document, { readLocal, folder: '' })
  const graphs = kindGraphs(document)
  const gates = [...new Set(marks.flatMap((mark) => mark.gates))].filter((gate) => Object.hasOwn(document.jobs, gate))
  const inAllKinds = new Map(graphs.map(({ kind }) => [kind, gates] as const))
  const marked = marks.flatMap(({ publishes }) => publishes.map((name) => [name, inAllKinds] as const))
  const facts = {
    ...planned,
    publishers: new Map([...marked, ...planned.publishers]),
    credentials: planned.credentials.map((credential) => ({ ...credential, vault: vaultIn(document, credential.variable) })),
    included: { ...nothingIncluded, children },
  }
  const kinds = graphs.map((graph) => {
    const { kind, jobs } = graph
    const needs = (name: string) => [...new Set(jobs.get(name)?.ways.flatMap((way) => way.needs?.map(({ job }) => job) ?? []) ?? [])]
    return [
      kind,
      new Map(
        [...jobs.values()].map((job) => [
          job.name,
          {
            manual: job.ways.every(({ start }) => start === 'manual'),
            waits: new Set(waitsFor(needs, job.name)),
            surely: () => certainInAllWays(graph, job),
          },
        ]),
      ),
    ] as const
  })
  const errors = checkPipeline(document, facts).flatMap(({ job, facts: fact }) =>
    issueAt({ path: '' }, fact).severity === 'error' ? [{ job, facts: fact }] : [],
  )
  const targets = plan?.releases.flatMap((release) => release.targets) ?? []
  const collects = Object.keys(document.jobs).filter((name) => name.startsWith('collect: ['))
  return {
    document,
    publishers: new Set(facts.publishers.keys()),
    parts: new Set([...targets.flatMap(({ jobs }) => [jobs.build, jobs.stage]), ...collects]),
    kinds: new Map(kinds),
    errors,
    unread: [...unread, ...children.flatMap((child) => child.unread)],
  }
}

function certainInAllWays(graph: KindGraph, job: KindJob): ReadonlySet<string> {
  const [first = new Set<string>(), ...others] = job.ways.map((way) => certainAt(graph, job, way, () => false))
  return new Set([...first].filter((name) => others.every((certain) => certain.has(name))))
}

/** Problems that the checks find now and did not find before. */
function newFindings(old: Read, now: Read): readonly PipelineChange[] {
  const known = new Set(old.errors.map(({ facts }) => identityOf(facts)))
  const unread = now.publishers.size === 0 ? [] : now.unread.filter((file) => !old.unread.includes(file))
  return [
    ...now.errors
      .filter(({ facts }) => !known.has(identityOf(facts)))
      .map(({ job, facts }): PipelineChange => ({ what: 'weakened', job, kinds: [], message: sentenceOf(facts) })),
    ...unread.map(
      (file): PipelineChange => ({
        what: 'weakened',
        job: undefined,
        kinds: [],
        message: `${file} was not read, and can redefine the jobs of the gate`,
      }),
    ),
  ]
}

/** Jobs that publish and now start by themselves, wait for less, or publish where they did not. */
function weakerWaits(old: Read, now: Read): readonly PipelineChange[] {
  return [...now.kinds].flatMap(([kind, jobs]) =>
    [...jobs].flatMap(([name, job]): PipelineChange[] => {
      if (!now.publishers.has(name) && !old.publishers.has(name)) return []
      const weakened = (message: string): PipelineChange => ({ what: 'weakened', job: name, kinds: [kind], message })
      const was = old.kinds.get(kind)?.get(name)
      if (was === undefined) {
        const elsewhere = [...old.kinds.values()].some((others) => others.has(name))
        return elsewhere ? [weakened('publishes in a kind in which it did not')] : []
      }
      const lost = [...was.waits].filter((gate) => !job.waits.has(gate) && !(old.parts.has(gate) && !jobs.has(gate)))
      const sure = job.surely()
      const unsure = [...was.surely()].filter((gate) => job.waits.has(gate) && !sure.has(gate))
      const clicks = (read: Read, { waits }: JobRead) => [...waits].some((gate) => read.kinds.get(kind)?.get(gate)?.manual === true)
      return [
        ...(was.manual && !job.manual && !clicks(now, job) ? [weakened('starts by itself, and waited for a click')] : []),
        ...(lost.length > 0 ? [weakened(`no longer waits for ${lost.join(', ')}`)] : []),
        ...(unsure.length > 0 ? [weakened(`no longer waits for the success of ${unsure.join(', ')}`)] : []),
        ...(isChecked(old.document, name) && !isChecked(now.document, name)
          ? [weakened('no longer checks the sha256 of its command')]
          : []),
      ]
    }),
  )
}

function isChecked({ jobs }: PipelineDocument, name: string): boolean {
  return JSON.stringify(jobs[name]?.['script'] ?? '').includes('sha256sum -c')
}

function weakerPlan(old: ReleasePlan | undefined, now: ReleasePlan | undefined): readonly PipelineChange[] {
  if (old === undefined || now === undefined) return []
  const weakened = (message: string): PipelineChange => ({ what: 'weakened', job: undefined, kinds: [], message })
  const releases = now.releases.flatMap((release) => {
    const was = old.releases.find(({ id }) => id === release.id)
    if (was === undefined) return []
    return [
      ...(release.hold < was.hold
        ? [weakened(`${release.id} is held for ${release.hold / 86_400} days, and was for ${was.hold / 86_400}`)]
        : []),
      ...(release.approval === 'once' && was.approval === 'each'
        ? [weakened(`one click publishes all of ${release.id}, and each target had its own`)]
        : []),
      ...release.deployments.flatMap(({ id, remote }) => {
        const before = was.deployments.find((deployment) => deployment.id === id)?.remote
        return before === undefined || remote === undefined || before.url === remote.url
          ? []
          : [weakened(`the tokens of ${id} go to ${remote.url}, and went to ${before.url}`)]
      }),
    ]
  })
  const allowed = now.allowedVariables.filter((name) => !old.allowedVariables.includes(name))
  const moved = Object.entries(now.repositories).flatMap(([name, repository]) => {
    const was = old.repositories[name]
    if (was === undefined) return []
    const wider = [...repository.credentials.read, ...repository.credentials.write].filter(
      (one) => ![...was.credentials.read, ...was.credentials.write].includes(one),
    )
    return [
      ...(was.origin !== repository.origin
        ? [weakened(`the credentials of ${name} go to ${repository.origin || 'a directory'}, and went to ${was.origin || 'a directory'}`)]
        : []),
      ...(wider.length > 0 ? [weakened(`${name} takes the credential ${wider.join(', ')}, and did not`)] : []),
    ]
  })
  return [...releases, ...(allowed.length > 0 ? [weakened(`jobs with credentials accept ${allowed.join(', ')}`)] : []), ...moved]
}

function changedJobs(old: Read, now: Read): readonly PipelineChange[] {
  return [...new Set([...old.kinds.keys(), ...now.kinds.keys()])].flatMap((kind) => {
    const [was, is] = [old.kinds.get(kind) ?? new Map<string, JobRead>(), now.kinds.get(kind) ?? new Map<string, JobRead>()]
    return [...new Set([...was.keys(), ...is.keys()])].flatMap((job): PipelineChange[] => {
      if (!was.has(job)) return [{ what: 'appears', job, kinds: [kind], message: 'appears' }]
      if (!is.has(job)) return [{ what: 'vanishes', job, kinds: [kind], message: 'vanishes' }]
      const keys = changedKeys(old.document.jobs[job] ?? {}, now.document.jobs[job] ?? {})
      return keys.length === 0 ? [] : [{ what: 'changes', job, kinds: [kind], message: `changes in ${keys.join(', ')}` }]
    })
  })
}

function changedKeys(was: object, is: object): readonly string[] {
  const [before, after]: readonly Record<string, unknown>[] = [{ ...was }, { ...is }]
  return [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])].filter(
    (key) => !isDeepStrictEqual(before?.[key], after?.[key]),
  )
}

/** The same of one job in several kinds is one change. */
function merged(changes: readonly PipelineChange[]): readonly PipelineChange[] {
  const known = new Map<string, PipelineChange>()
  for (const change of changes) {
    const key = JSON.stringify([change.what, change.job, change.message])
    const before = known.get(key)
    known.set(key, before === undefined ? change : { ...before, kinds: [...before.kinds, ...change.kinds] })
  }
  const order = ['weakened', 'vanishes', 'appears', 'changes']
  return [...known.values()].sort((a, b) => order.indexOf(a.what) - order.indexOf(b.what))
}
