import { describeCoordinates } from '@stagegate/schema'
import type { Foreseen } from '@stagegate/uploader'
import { digestLines, problemLines } from './outcome.js'
import { size } from './table.js'
import { timeLeft } from './time.js'

/** The lines of a dry run: one for each artifact and destination, with the reason below if it would not be published. */
export function foreseenLines(foreseen: readonly Foreseen[]): readonly string[] {
  return foreseen.flatMap((one, index) => {
    const { would, coordinates, destination, expected, problem } = one
    const advisory = destination.advisory ? '  (advisory)' : ''
    // An image is not one file: the lines below say which parts would be sent.
    const bytes = would === 'publish' && coordinates.format !== 'image' ? `  ${size(expected.size)}` : ''
    const head = `${words[would].padEnd(15)} ${describeCoordinates(coordinates)} -> ${destination.repository}${bytes}${advisory}`
    // Many in a row may have the same reason: it is printed once.
    const known = problem !== undefined && problem.message === foreseen[index - 1]?.problem?.message
    return [head, ...[...(known ? [] : reasons(one)), ...imageLines(one)].map((line) => `  ${line}`)]
  })
}

/** For an image: how much of it is there, and how its tags would change. */
function imageLines({ image }: Foreseen): readonly string[] {
  if (image === undefined) return []
  const { graph, blobs, tags } = image
  const parts = graph === 'incomplete' ? [`It is incomplete: ${blobs.present} of ${blobs.present + blobs.absent} layers exist.`] : []
  const moves = tags.flatMap(({ tag, before, after, because }) => {
    if (before !== after)
      return [before === null ? `${tag} would be set` : `${tag} would move${because === undefined ? '' : `: ${because}`}`]
    return because === undefined ? [] : [`${tag} would not move: ${because}`]
  })
  return [...parts, ...moves]
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
      return [...digestLines({ verdict: would, expected, ...(seen && { seen }) }), ...problemLines({ ...(problem && { problem }) })]
    case 'tampered':
      return ['The bytes in staging differ from the sealed ones.']
    case 'missing':
      return ['It is no longer in staging.']
    default:
      return problemLines({ ...(problem && { problem }) })
  }
}
