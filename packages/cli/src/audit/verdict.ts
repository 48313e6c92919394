import type { AuditResult } from '@stagegate/sdk'
import { freshIn, type Judged } from './judged.js'
import { listed } from './listed.js'
import { callWith } from './shell.js'

/** The outcome in a sentence, and what to do next. */
export function verdict(judged: Judged, words: readonly string[]): string {
  const { result, baseline, gitlab } = judged
  const { valid, gate, unread, guesses, suggested } = result
  if (gitlab?.valid === false || (!valid && gitlab === undefined)) return 'GitLab refuses this file.'
  if (!valid) return 'GitLab takes this file, and Stagegate cannot read it: nothing is proved. Please report it, with the file.'
  if (freshIn(judged).some(({ severity }) => severity === 'error')) return 'A person must look.'
  const firm = callWith(words, [
    ['--publishes', suggested.publishes],
    ['--gate', suggested.gates],
  ])
  const guessed = `Guesses prove nothing. To make them firm, leave out what does not publish, and run:\n${firm}`
  if (unread.length > 0) {
    const unseen = `Nothing ${gate === 'open' ? 'new ' : ''}is open in what was read, but these were not: ${unread.join(', ')}. Read them yourself, and name each with --trust.`
    return guesses.length > 0 ? `${unseen}\n${guessed}` : unseen
  }
  if (gate === 'open') return `Nothing is new. The gate is open, as ${baseline?.file} accepts.`
  return guesses.length > 0 ? guessed : proved(result, firm)
}

function proved({ publishers, gates, suggested }: AuditResult, firm: string): string {
  if (publishers.length === 0)
    return 'No job is known to publish, and none looks so: name them with --publishes, --secret, or a comment # stagegate: publishes.'
  if (gates.length > 0) return `The gate holds: a click on a protected ref, and ${gatesBefore(publishers)}.`
  const holds = 'What publishes waits for a click on a protected ref.'
  return suggested.gates.length === 0
    ? `${holds} Name what must have succeeded before with --gate, and that is proved too.`
    : `${holds} To prove what comes before it too, run:\n${firm}`
}

/** The gates that come before in all kinds, and those of some. */
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
