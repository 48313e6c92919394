import type { AuditResult, GuessedGate, GuessedPublisher } from '@stagegate/sdk'
import { oneLine } from '../print/output.js'
import { listed } from './listed.js'

type Place = Pick<GuessedGate, 'file' | 'line'>

/** The jobs that seem to publish, with the words that suggest it, and the clicks before them. */
export function guessLines({ guesses, clicks }: AuditResult, placeOf: (place: Place) => string): readonly string[] {
  if (guesses.length === 0) return []
  return [
    'No job is marked as publishing. These jobs seem to publish, which is a guess:',
    ...guesses.flatMap((guess) => publisherLines(guess, placeOf(guess))),
    ...(clicks.length === 0
      ? ['No manual job comes before them.']
      : ['Manual jobs before them:', ...clicks.flatMap((click) => gateLines(click, placeOf(click)))]),
    '',
  ]
}

function publisherLines({ job, child, way, words, premise }: GuessedPublisher, place: string): readonly string[] {
  const where = child === undefined ? '' : `, in the child pipeline of ${child}`
  return [oneLine(`  ${job}${where}: ${way} (if ${premise})`), oneLine(`    at ${place}: ${words}`)]
}

const meanings = {
  click: 'is the click for the jobs that start automatically after it',
  gate: 'must have succeeded before they can start',
  unsure: 'comes before them, but they can start without it',
} as const

function gateLines({ job, before, is }: GuessedGate, place: string): readonly string[] {
  return [oneLine(`  ${job}, before ${listed(before)}: it ${meanings[is]}`), oneLine(`    at ${place}`)]
}
