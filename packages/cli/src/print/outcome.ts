import { describeCoordinates, type Outcome, type Verdict } from '@stagegate/schema'
import { size } from './table.js'
import { duration } from './time.js'

/** The words for an outcome; those of publishing by default. */
export interface OutcomeWords {
  /** Replaces the verdict's own. */
  readonly verdicts: Partial<Readonly<Record<Verdict, string>>>
  /** Labels for the expected and the seen digest, padded to the same width. */
  readonly expected: string
  readonly seen: string
}
const publishingWords: OutcomeWords = { verdicts: {}, expected: 'sealed', seen: 'public' }
/** During staging nothing is sealed or public. */
export const stagingWords: OutcomeWords = {
  verdicts: { published: 'staged', 'already-public': 'already-staged' },
  expected: 'built     ',
  seen: 'in staging',
}

/** `published       acme_1.2.3_amd64.deb for ubuntu/jammy -> stable  12.3 MiB sent in 1.2 s, 10.3 MiB/s` */
export function outcomeLine(outcome: Outcome, { verdicts }: OutcomeWords = publishingWords): string {
  const { verdict, coordinates, destination, bytesSent, copiedByServer, milliseconds } = outcome
  const advisory = destination.advisory ? '  (advisory)' : ''
  const pace = verdict === 'published' ? [' in ', duration(milliseconds.sending), ...rateOf(bytesSent, milliseconds.sending)].join('') : ''
  // Bytes that were sent again count each time.
  const sent = copiedByServer ? '  copied by the server' : bytesSent === 0 ? '' : `  ${size(bytesSent)} sent${pace}`
  return `${(verdicts[verdict] ?? verdict).padEnd(15)} ${describeCoordinates(coordinates)} -> ${destination.repository}${sent}${advisory}`
}

function rateOf(bytes: number, milliseconds: number): readonly string[] {
  return milliseconds === 0 ? [] : [`, ${size((bytes * 1000) / milliseconds)}/s`]
}

/** Both digests of a conflict. A conflict in a part of an image has none of its own. */
export function digestLines(
  { verdict, expected, seen }: Pick<Outcome, 'verdict' | 'expected' | 'seen'>,
  words: OutcomeWords = publishingWords,
): readonly string[] {
  if (verdict !== 'conflict' || seen === undefined) return []
  return [`${words.expected}  sha256 ${expected.sha256}`, `${words.seen}  sha256 ${seen}`]
}

/** For an image: how its tags changed, except the one that names it. */
export function tagLines({ coordinates, image }: Outcome): readonly string[] {
  return (image?.tags ?? []).flatMap(({ tag, before, after, because }) => {
    if (before === after) return because === undefined ? [] : [`${tag} was not moved: ${because}`]
    if (because !== undefined) return [`${tag} was moved: ${because}`]
    if (before !== null) return [`${tag} was moved here from sha256:${before.slice(0, 12)}`]
    return 'tag' in coordinates && coordinates.tag === tag ? [] : [`${tag} was set`]
  })
}

/** Attachments that staging lists and nobody can download. */
export function leftOutLines({ image }: Pick<Outcome, 'image'>): readonly string[] {
  return (image?.leftOut ?? []).map(
    (digest) => `left out: sha256:${digest.slice(0, 12)}, which staging lists as attached but no longer has`,
  )
}

export function problemLines({ problem }: Pick<Outcome, 'problem'>): readonly string[] {
  if (problem === undefined) return []
  const causes = problem.causes === undefined ? [] : [`caused by: ${problem.causes.join('; ')}`]
  const [first = '', ...advice] = problem.message.split('\n')
  return [first, ...causes, ...advice]
}
