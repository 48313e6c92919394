import type { PipelineDocument } from '../../gitlab/document.js'
import type { KindGraph, KindJob } from '../../graph/kinds.js'
import { clausesOf } from '../../graph/rules.js'
import { waitsOf } from '../../graph/waits.js'
import type { Found } from '../../issue/facts.js'

/** Finds clicks that nobody expects: two in a row, one that depends on GitLab's defaults, one that is never possible. */
export function checkManual(document: PipelineDocument, graphs: readonly KindGraph[]): readonly Found[] {
  const seen = new Set<string>()
  const inKinds = graphs.flatMap((graph) => [...graph.jobs.values()].flatMap((job) => checkWaits(graph, job)))
  return [
    ...Object.entries(document.jobs).flatMap(([job, body]): Found[] => {
      const clauses = clausesOf(body)
      const unsaid = clauses.find((clause) => clause.unsaid !== undefined)
      return [
        ...(unsaid?.unsaid === undefined ? [] : [{ job, facts: { code: 'manual/unsaid', job, default: unsaid.allowFailure } as const }]),
        ...(body['trigger'] !== undefined && clauses.some(({ when }) => when === 'manual')
          ? [{ job, facts: { code: 'manual/trigger', job } as const }]
          : []),
      ]
    }),
    // A problem of several kinds is reported for the first.
    ...inKinds
      .filter(({ code, job, needs }) => {
        const key = JSON.stringify([code, job, needs])
        return !seen.has(key) && seen.add(key)
      })
      .map((facts) => ({ job: facts.job, facts })),
  ]
}

interface ManualNeed {
  readonly code: 'manual/two-clicks' | 'manual/optional-need'
  readonly kind: string
  readonly job: string
  readonly needs: string
}

function checkWaits(graph: KindGraph, job: KindJob): readonly ManualNeed[] {
  return job.ways.flatMap((way) => {
    if (way.needs === undefined) return []
    const needed = waitsOf(graph, job, way).map((wait) => wait.job)
    return needed.flatMap((other): ManualNeed[] => {
      const manual = other.ways.filter(({ start }) => start === 'manual')
      const facts = { kind: graph.kind, job: job.name, needs: other.name }
      return [
        ...(manual.length > 0 && way.start === 'manual' ? [{ code: 'manual/two-clicks' as const, ...facts }] : []),
        // A job with a single need visibly waits for its click; one with several is skipped until somebody clicks.
        ...(manual.some(({ allowFailure }) => allowFailure) && needed.length > 1
          ? [{ code: 'manual/optional-need' as const, ...facts }]
          : []),
      ]
    })
  })
}
