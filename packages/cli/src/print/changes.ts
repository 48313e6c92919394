import type { PipelineChange } from '@stagegate/sdk'

const unknownPublishers =
  'No job is known to publish, so the gate is not compared. Name the jobs that publish with --publishes, or mark them with # stagegate: publishes.'

/** The changes for a terminal, one per line, and a summary. */
export function changesAsText(changes: readonly PipelineChange[], knowsPublishers: boolean): string {
  if (changes.length === 0) return 'No change of meaning: both versions do the same.\n'
  const lines = changes.map((change) => `${change.what === 'weakened' ? 'WEAKER   ' : change.what.padEnd(9)} ${sentence(change)}`)
  return `${lines.join('\n')}\n${verdict(changes, knowsPublishers)}\n`
}

function verdict(changes: readonly PipelineChange[], knowsPublishers: boolean): string {
  if (changes.some(({ what }) => what === 'weakened')) return 'Something is weaker than before: a person must review it.'
  return knowsPublishers ? 'Nothing is weaker than before.' : unknownPublishers
}

/** For a job that appears or vanishes its name is enough. */
function sentence(change: PipelineChange): string {
  const kinds = kindsOf(change)
  const where = kinds.length === 0 ? '' : ` (${kinds.join(', ')})`
  if (change.what === 'appears' || change.what === 'vanishes') return `${change.job}${where}`
  return `${subjectOf(change) === undefined ? '' : `${change.job} `}${change.message}${where}`
}

/** The job that the message is about; `undefined` if there is none, or if the message already names it. */
export function subjectOf({ job, message }: PipelineChange): string | undefined {
  return job === undefined || message.includes(job) ? undefined : job
}

/** The only kind of a pipeline that has none is `any`. */
export function kindsOf({ kinds }: PipelineChange): readonly string[] {
  return kinds.every((kind) => kind === 'any') ? [] : kinds
}
