import type { AuditResult } from '@stagegate/sdk'
import { freshIn, type Judged } from './judged.js'
import { listed } from './listed.js'
import { callWith } from './shell.js'

/** The outcome in a sentence, and what to do next. */
export function verdict(judged: Judged, words: readonly string[]): string {
  const { result, baseline, gitlab } = judged
  const { valid, gate, unread, guesses, suggested } = result
  if (gitlab?.valid === false || (!valid && gitlab === undefined)) return 'GitLab refuses this file.'
  if (!valid) return 'GitLab accepts this file, but Stagegate cannot read it, so nothing is proved. Please report this with the file.'
  if (freshIn(judged).some(({ severity }) => severity === 'error')) return 'A person must investigate.'
  const firm = callWith(words, [
    ['--publishes', suggested.publishes],
    ['--gate', suggested.gates],
  ])
  const guessed = `Guesses prove nothing. To turn them into a proof, remove the jobs that do not publish, and run:\n${firm}`
  if (unread.length > 0) {
    const unseen = `Nothing ${gate === 'open' ? 'new ' : ''}is open in the files that were read, but these were not read: ${unread.join(', ')}. Review them, and name each with --trust.`
    return guesses.length > 0 ? `${unseen}\n${guessed}` : unseen
  }
  if (gate === 'open') return `Nothing is new. The gate is open, which ${baseline?.file} accepts.`
  return guesses.length > 0 ? guessed : proved(result, firm)
}

function proved({ publishers, gates, suggested }: AuditResult, firm: string): string {
  if (publishers.length === 0)
    return 'No job is known to publish, and none looks like it. Name the jobs that do with --publishes, --secret, or a comment # stagegate: publishes.'
  if (gates.length > 0) return `The gate holds: publishing needs a click on a protected ref, and ${gatesBefore(publishers)}.`
  const holds = 'Each job that publishes waits for a click on a protected ref.'
  return suggested.gates.length === 0
    ? `${holds} To prove more, name the jobs that must succeed first with --gate.`
    : `${holds} To prove which jobs must succeed first too, run:\n${firm}`
}

/** The gates that come first in all kinds, and those of only some. */
function gatesBefore(publishers: AuditResult['publishers']): string {
  const inAll = [...new Set(publishers.flatMap(({ gates }) => gates))].filter((gate) =>
    publishers.every(({ gates }) => gates.includes(gate)),
  )
  const more = publishers.flatMap(({ where, gates }) => {
    const own = gates.filter((gate) => !inAll.includes(gate))
    return own.length === 0 ? [] : [`${where} ${listed(own)}${inAll.length === 0 ? ' before it' : ', too'}`]
  })
  const first = inAll.length === 0 ? [] : [`${listed(inAll)} before it`]
  return [...first, ...new Set(more)].join('; ')
}
