import { counted } from '../print/issues.js'
import { oneLine } from '../print/output.js'
import type { AcceptedCount } from './baseline.js'
import type { Judged } from './judged.js'

/** How many findings a baseline accepts, and how many of those no longer occur. */
export function baselineLines({ baseline, result, gitlab }: Judged): readonly string[] {
  if (baseline === undefined) return []
  const { file, known, stale, written } = baseline
  if (!result.valid || gitlab?.valid === false) return [`${file} was not checked, because GitLab refuses the pipeline.`]
  if (written) return [`${file} now accepts ${counted(known.length, 'finding') || 'no findings'}. Commit it.`]
  return [
    ...(known.length === 0 ? [] : [`Not shown: ${counted(known.length, 'finding')} that ${file} accepts.`]),
    ...(stale.length === 0 ? [] : [`In ${file}, but no longer found (remove them with --update-baseline):`, ...stale.map(staleLine)]),
  ]
}

function staleLine({ code, job, file, count }: AcceptedCount): string {
  return oneLine(`  ${code}${job === undefined ? '' : ` of ${job}`} in ${file}${count === 1 ? '' : `, ${count} times`}`)
}
