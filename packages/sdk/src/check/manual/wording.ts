import type { Wordings } from '../../issue/wording.js'
import { where } from '../../issue/words.js'

export const manualWording: Wordings<`manual/${string}`> = {
  'manual/two-clicks': {
    meaning: 'A manual job waits for another manual job.',
    severity: 'warning',
    sentence: ({ kind, job, needs }) => `${where(kind)} the manual job ${job} waits for the manual job ${needs}: two clicks`,
    help: 'Let one of them start automatically; or accept this with a reason.',
  },
  'manual/optional-need': {
    meaning: 'A job with several needs is skipped until somebody starts one of them.',
    sentence: ({ kind, job, needs }) => `${where(kind)} the job ${job} has several needs, and is skipped until somebody starts ${needs}`,
    help: ({ needs }) => `Make ${needs} block the pipeline (allow_failure: false), or remove the need.`,
    action: 'Make the needed job block the pipeline (allow_failure: false), or remove the need.',
  },
  'manual/unsaid': {
    meaning: 'A manual job does not say whether the pipeline waits for it.',
    severity: 'warning',
    sentence: (facts) =>
      `the job ${facts.job} is manual and does not set allow_failure, so the pipeline ${facts.default ? 'passes without it' : 'waits for it'}`,
    help: 'Set allow_failure next to when: manual: false makes the pipeline wait, true does not.',
  },
  'manual/trigger': {
    meaning: "A manual job triggers a pipeline, and GitLab's API cannot start such a job.",
    sentence: ({ job }) => `the job ${job} is manual and triggers a pipeline, and GitLab’s API cannot start such a job`,
    help: 'Let it need a manual job with a script.',
  },
}
