import { Duration } from '../../duration.js'
import type { Wordings } from '../../issue/wording.js'
import { where } from '../../issue/words.js'

export const holdWording: Wordings<`hold/${string}`> = {
  'hold/expires': {
    meaning: 'Artifacts expire before the release needs them.',
    sentence: ({ job, found }) =>
      found === undefined
        ? `nothing says how long the artifacts of the job ${job} are kept`
        : `the artifacts of the job ${job} are kept for ${found}, and the release can still need them then`,
    help: ({ needed }) =>
      `Keep them for ${Duration.days(Math.ceil(needed / 86_400))} or longer: the hold, and a margin for the time before it.`,
    action: 'Keep the artifacts for the hold and a margin, or longer.',
  },
  'hold/not-kept': {
    meaning: 'A job that the release needs leaves no artifacts.',
    sentence: ({ job }) => `the job ${job} leaves no artifacts, and the release needs them`,
    help: 'Give the job its artifacts back.',
  },
  'hold/left-out': {
    meaning: 'A seal does not wait for a stage job, so its record can be missing.',
    sentence: ({ kind, stage, seal }) => `${where(kind)} ${seal} does not wait for ${stage} to succeed, so that its record can be missing`,
    help: ({ stage, seal }) => `Let ${seal} need ${stage}, not optionally, and ${stage} not be allowed to fail.`,
    action: 'Let the seal need the stage job, not optionally, and do not let it fail.',
  },
}
