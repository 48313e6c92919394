import { describeCoordinates } from '@stagegate/schema'
import type { Foreseen } from '@stagegate/uploader'
import { digestLines, problemLines } from './outcome.js'
import { size } from './table.js'
import { timeLeft } from './time.js'

/** What publishing would do, a line for each artifact and destination, with the reason below where it would not. */
export function foreseenLines(foreseen: readonly Foreseen[]): readonly string[] {
  return foreseen.flatMap((one, index) => {
    const { would, coordinates, destination, expected, problem } = one
    const advisory = destination.advisory ? '  (advisory)' : ''
    const bytes = would === 'publish' ? `  ${size(expected.size)}` : ''
    const head = `${words[would].padEnd(15)} ${describeCoordinates(coordinates)} -> ${destination.repository}${bytes}${advisory}`
    // Many in a row can have one and the same reason: once is enough.
    const known = problem !== undefined && problem.message === foreseen[index - 1]?.problem?.message
    return [head, ...(known ? [] : reasons(one).map((line) => `  ${line}`))]
  })
}

/** When the hold ends: `The release expires in 2 days, at 2026-01-31T12:00:00.000Z.` */
export function expiryLine([first]: readonly Foreseen[], now: number): string {
  return first === undefined ? '' : `The release expires in ${timeLeft(Date.parse(first.expiresAt) - now)}, at ${first.expiresAt}.`
}

const words: Readonly<Record<Foreseen['would'], string>> = {
  publish: 'publish',
  'already-public': 'already public',
  conflict: 'conflict',
  tampered: 'tampered',
  missing: 'missing',
  fail: 'would fail',
  unknown: 'unknown',
}

function reasons({ would, expected, seen, problem }: Foreseen): readonly string[] {
  switch (would) {
    case 'conflict':
      return digestLines({ verdict: would, expected, ...(seen && { seen }) })
    case 'tampered':
      return ['In staging are other bytes than were sealed.']
    case 'missing':
      return ['It is in staging no more.']
    default:
      return problemLines({ ...(problem && { problem }) })
  }
}
