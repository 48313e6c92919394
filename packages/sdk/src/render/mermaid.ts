import type { Pipeline, PlannedJob } from '../graph/pipeline.js'
import { fewJobs, groupOf } from './group.js'

export interface MermaidOptions {
  /** A group such as `build: […]` with more jobs than this is drawn as one node. @default 4 */
  readonly foldAbove?: number | undefined
  /** The jobs that publish, or approve it: the gate is before these; other clicks are only clicks. @default every manual job */
  readonly gated?: ReadonlySet<string> | undefined
}

interface Node {
  readonly id: string
  readonly label: string
  /** How many of its jobs wait for a click. */
  readonly clicks: number
  /** Whether the gate is before it. */
  readonly isGated: boolean
  /** The nodes that it waits for. */
  readonly needs: ReadonlySet<string>
}

/**
 * A pipeline as a Mermaid flowchart, from left to right. It shows what waits for what, without needs that follow from others. Groups of
 * many jobs are folded, and each click is drawn as a gate.
 */
export function renderMermaid(pipeline: Pick<Pipeline, 'jobs'>, { foldAbove = fewJobs, gated }: MermaidOptions = {}): string {
  const nodes = reduced(folded(pipeline.jobs, foldAbove, gated))
  const gates = gatesOf(nodes)
  const lines = [
    'flowchart LR',
    ...nodes.map(({ id, label, clicks }) => `  ${id}["${escaped(label)}"]${clicks > 0 ? ':::manual' : ''}`),
    ...gates.map(
      ({ id, clicks, isGated }) => `  ${id}{{"${isGated ? 'the gate<br>' : ''}${clicks === 1 ? 'one click' : `${clicks} clicks`}"}}:::gate`,
    ),
    ...nodes.filter(({ clicks }) => clicks === 0).flatMap(({ id, needs }) => [...needs].map((need) => `  ${need} --> ${id}`)),
    ...gates.flatMap(({ id, before, after }) => [
      ...before.map((need) => `  ${need} --> ${id}`),
      ...after.map((node) => `  ${id} ==> ${node}`),
    ]),
    '  classDef gate fill:#ffe9b3,stroke:#b37700,stroke-width:2px,color:#333',
    '  classDef manual stroke:#b37700,stroke-width:2px',
  ]
  return `${lines.join('\n')}\n`
}

/** One node for each job, or for all jobs of a group that wait for the same jobs. */
function folded(jobs: readonly PlannedJob[], foldAbove: number, gated: ReadonlySet<string> | undefined): readonly Node[] {
  const alike = new Map<string, PlannedJob[]>()
  for (const job of jobs) {
    const key = JSON.stringify([groupOf(job.name), job.start, [...new Set(job.needs.map(groupOf))].sort()])
    alike.set(key, [...(alike.get(key) ?? []), job])
  }
  const drawn = [...alike.values()].flatMap((members) => (members.length > foldAbove ? [members] : members.map((job) => [job])))
  const nodeOf = new Map(drawn.flatMap((members, index) => members.map(({ name }) => [name, `n${index}`] as const)))
  return drawn.map((members, index) => {
    const needs = new Set(members.flatMap((job) => job.needs.flatMap((need) => nodeOf.get(need) ?? [])))
    // Jobs of one node may wait for each other.
    needs.delete(`n${index}`)
    const [first] = members
    const name = first?.name ?? ''
    const label = members.length === 1 ? name : `${groupOf(name).slice(0, -2)}<br>${members.length} jobs`
    const clicks = members.filter(({ start }) => start === 'manual').length
    return { id: `n${index}`, label, clicks, isGated: gated === undefined || members.some((job) => gated.has(job.name)), needs }
  })
}

/** Without the needs that follow from others: if `publish` waits for `deploy`, it is not drawn as waiting for the needs of `deploy`. */
function reduced(nodes: readonly Node[]): readonly Node[] {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const known = new Map<string, ReadonlySet<string>>()
  const above = (id: string): ReadonlySet<string> => {
    const found = known.get(id)
    if (found !== undefined) return found
    known.set(id, new Set())
    const needs = byId.get(id)?.needs ?? new Set<string>()
    const all = new Set([...needs].flatMap((need) => [need, ...above(need)]))
    known.set(id, all)
    return all
  }
  return nodes.map((node) => {
    const needs = [...node.needs]
    return { ...node, needs: new Set(needs.filter((need) => !needs.some((other) => other !== need && above(other).has(need)))) }
  })
}

interface Gate {
  readonly id: string
  readonly before: readonly string[]
  readonly after: readonly string[]
  readonly clicks: number
  readonly isGated: boolean
}

/** Manual nodes that wait for the same nodes share a gate; nodes that publish nothing have a separate one. */
function gatesOf(nodes: readonly Node[]): readonly Gate[] {
  const gates = new Map<string, Node[]>()
  for (const node of nodes.filter(({ clicks }) => clicks > 0)) {
    const key = [node.isGated, ...[...node.needs].sort()].join(' ')
    gates.set(key, [...(gates.get(key) ?? []), node])
  }
  return [...gates.values()].map((after, index) => ({
    id: `gate${index}`,
    before: [...(after[0]?.needs ?? [])],
    after: after.map(({ id }) => id),
    isGated: after.some(({ isGated }) => isGated),
    clicks: after.reduce((sum, { clicks }) => sum + clicks, 0),
  }))
}

/** Quotes end a label, and `#` starts an entity. `<br>` is our own. */
function escaped(label: string): string {
  return label
    .replaceAll('#', '#35;')
    .replaceAll('"', '#quot;')
    .replace(/<(?!br>)/g, '#lt;')
}
