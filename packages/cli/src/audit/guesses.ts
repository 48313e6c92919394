import type { AuditResult, GuessedGate, GuessedPublisher } from '@stagegate/sdk'
import { oneLine } from '../print/output.js'
import { listed } from './listed.js'

type Place = Pick<GuessedGate, 'file' | 'line'>

/** The jobs that seem to publish, with the words that say so, and what is clicked before them. */
export function guessLines({ guesses, clicks }: AuditResult, placeOf: (place: Place) => string): readonly string[] {
  if (guesses.length === 0) return []
  return [
    'Nobody has said which jobs publish. These seem to, which is a guess:',
    ...guesses.flatMap((guess) => publisherLines(guess, placeOf(guess))),
    ...(clicks.length === 0
      ? ['No job by hand comes before them.']
      : ['By hand before them:', ...clicks.flatMap((click) => gateLines(click, placeOf(click)))]),
    '',
  ]
}

function publisherLines({ job, child, way, words, premise }: GuessedPublisher, place: string): readonly string[] {
  const where = child === undefined ? '' : `, in the child pipeline of ${child}`
  return [oneLine(`  ${job}${where}: ${way} (if ${premise})`), oneLine(`    at ${place}: ${words}`)]
}

const meanings = {
  click: 'is the click of those that start by themselves after it',
  gate: 'has succeeded whenever one of them can be started',
  unsure: 'stands before them, but they can start without it',
} as const

function gateLines({ job, before, is }: GuessedGate, place: string): readonly string[] {
  return [oneLine(`  ${job}, before ${listed(before)}: it ${meanings[is]}`), oneLine(`    at ${place}`)]
}
