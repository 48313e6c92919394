import { Duration } from '../../duration.js'
import type { Wordings } from '../../issue/wording.js'
import { where } from '../../issue/words.js'

export const holdWording: Wordings<`hold/${string}`> = {
  'hold/expires': {
    meaning: 'Artifacts expire before the release needs them.',
    sentence: ({ job, found }) =>
      found === undefined
        ? `the job ${job} does not set how long its artifacts are kept`
        : `the artifacts of the job ${job} expire after ${found}, but the release can still need them then`,
    help: ({ needed }) =>
      `Keep them for ${Duration.days(Math.ceil(needed / 86_400))} or longer: the hold, plus a margin for the time before it.`,
    action: 'Keep the artifacts for the hold plus a margin, or longer.',
  },
  'hold/not-kept': {
    meaning: 'A job that the release needs leaves no artifacts.',
    sentence: ({ job }) => `the job ${job} leaves no artifacts, but the release needs them`,
    help: 'Restore the artifacts of the job.',
  },
  'hold/left-out': {
    meaning: 'A seal does not wait for a stage job, so its staging record can be missing.',
    sentence: ({ kind, stage, seal }) =>
      `${where(kind)} ${seal} does not wait for ${stage} to succeed, so its staging record can be missing`,
    help: ({ stage, seal }) => `Let ${seal} need ${stage} without optional: true, and remove allow_failure from ${stage}.`,
    action: 'Let the seal need the stage job without optional: true, and remove allow_failure from the stage job.',
  },
}
