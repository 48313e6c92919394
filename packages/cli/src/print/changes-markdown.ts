import { type KeywordChange, type PipelineChange, renderBody } from '@stagegate/sdk'
import { structuredPatch } from 'diff'
import { kindsOf, subjectOf } from './changes.js'
import { bullets, codeBlock, codeSpan, folded, prose } from './markdown.js'

/** The changes as a comment on a merge request: weakenings first, long lists folded, and each text of the pipeline as code. */
export function changesAsMarkdown(changes: readonly PipelineChange[], knowsPublishers: boolean): string {
  if (changes.length === 0) return '### Pipeline: no change of meaning\n\nBoth versions have the same jobs, under the same conditions.\n'
  const of = (what: PipelineChange['what']) => changes.filter((change) => change.what === what)
  const sections = [
    `### Pipeline: ${headingOf(of('weakened').length > 0, knowsPublishers)}`,
    ...section('Weaker', of('weakened'), weakenings),
    ...section('Jobs that are removed', of('vanishes'), jobList),
    ...section('Jobs that are added', of('appears'), jobList),
    ...section('Changes', of('changes'), alikeSections),
    ...(knowsPublishers
      ? []
      : [
          'Name the jobs that publish with `--publishes`, or mark them with `# stagegate: publishes`. Without them, the gate is not compared.',
        ]),
  ]
  return `${sections.join('\n\n')}\n`
}

function section(
  title: string,
  changes: readonly PipelineChange[],
  told: (changes: readonly PipelineChange[]) => string,
): readonly string[] {
  return changes.length === 0 ? [] : [`#### ${title}`, told(changes)]
}

function headingOf(isWeaker: boolean, knowsPublishers: boolean): string {
  if (isWeaker) return 'something is weaker than before; a person must review it'
  return knowsPublishers ? 'nothing is weaker than before' : 'no job is known to publish'
}

/** One item for each cause, so that none is folded away; the same change in other jobs and kinds is below it. */
function weakenings(changes: readonly PipelineChange[]): string {
  return (
    grouped(changes, ({ cause, message }) => cause ?? message)
      .map(([first, others]) => {
        const more = others.length === 0 ? [] : [folded(`${others.length} more of this kind`, bullets(others.map(weakening)))]
        return [`- ${weakening(first)}`, ...more.map((text) => text.replaceAll(/^(?=.)/gm, '  '))].join('\n\n')
      })
      // An empty line ends the HTML of the item before.
      .join('\n\n')
  )
}

function weakening(change: PipelineChange): string {
  const subject = subjectOf(change)
  return `${subject === undefined ? '' : `${codeSpan(subject)} `}${prose(change.message)}${inKinds(change)}`
}

function jobList(changes: readonly PipelineChange[]): string {
  const jobs = changes.map((change) => `${codeSpan(change.job ?? '')}${inKinds(change)}`)
  const [shown, more] = [jobs.slice(0, fewJobs), jobs.slice(fewJobs)]
  return [bullets(shown), ...(more.length === 0 ? [] : [folded(`${more.length} more`, bullets(more))])].join('\n\n')
}

const fewJobs = 10

function inKinds(change: PipelineChange): string {
  const kinds = kindsOf(change)
  return kinds.length === 0 ? '' : ` (${kinds.map(codeSpan).join(', ')})`
}

/** Jobs that change in the same way are shown together, with the lines that differ. */
function alikeSections(changes: readonly PipelineChange[]): string {
  const keyOf = ({ job, keywords = [] }: PipelineChange) =>
    JSON.stringify([job === undefined, ...keywords.map(({ keyword, before, after }) => [keyword, before ?? null, after ?? null])])
  return grouped(changes, keyOf)
    .flatMap(([first, others]) => {
      const { job, keywords = [] } = first
      const names = keywords.map(({ keyword }) => codeSpan(keyword)).join(', ')
      const difference = differenceOf(keywords)
      if (others.length > 0) return [`${others.length + 1} jobs change in ${names}:`, jobList([first, ...others]), difference]
      return [`${job === undefined ? 'The pipeline' : codeSpan(job)} changes in ${names}${inKinds(first)}:`, difference]
    })
    .join('\n\n')
}

/** The changes with the same key, in the order of the first of each. */
function grouped(
  changes: readonly PipelineChange[],
  keyOf: (change: PipelineChange) => string,
): readonly (readonly [first: PipelineChange, others: readonly PipelineChange[]])[] {
  const groups = new Map<string, readonly [PipelineChange, PipelineChange[]]>()
  for (const change of changes) {
    const known = groups.get(keyOf(change))
    if (known === undefined) groups.set(keyOf(change), [change, []])
    else known[1].push(change)
  }
  return [...groups.values()]
}

function differenceOf(keywords: readonly KeywordChange[]): string {
  const lines = keywords.flatMap(differingLines)
  const block = codeBlock('diff', lines)
  return lines.length > fewLines ? folded(`${lines.length} lines of the difference`, block) : block
}

const fewLines = 20

/** The lines of a keyword that differ, with some context: the condition of a rule is above its effect. */
function differingLines({ keyword, before, after }: KeywordChange): readonly string[] {
  const [old, now] = [before, after].map((value) => (value === undefined ? [] : renderBody({ [keyword]: value })))
  const text = (lines: readonly string[] = []) => lines.map((line) => `${line}\n`).join('')
  const { hunks } = structuredPatch('', '', text(old), text(now), '', '', { context: 2 })
  return hunks.flatMap(({ lines }, index) => [...(index === 0 ? [] : ['  …']), ...lines])
}
