import type { Wordings } from '../../issue/wording.js'
import { where } from '../../issue/words.js'

export const manualWording: Wordings<`manual/${string}`> = {
  'manual/two-clicks': {
    meaning: 'A manual job waits for another manual job.',
    severity: 'warning',
    sentence: ({ kind, job, needs }) => `${where(kind)} the manual job ${job} waits for the manual job ${needs}: two clicks`,
    help: 'Let one of them start by itself; or accept this with a reason.',
  },
  'manual/optional-need': {
    meaning: 'A job with several needs is skipped until somebody starts one of them.',
    sentence: ({ kind, job, needs }) =>
      `${where(kind)} the job ${job} needs ${needs} among others, and is skipped until somebody starts that`,
    help: ({ needs }) => `Let ${needs} block (allow_failure: false), or do not need it.`,
    action: 'Let the needed job block (allow_failure: false), or do not need it.',
  },
  'manual/unsaid': {
    meaning: 'A manual job does not say whether the pipeline waits for it.',
    severity: 'warning',
    sentence: (facts) =>
      `the job ${facts.job} is manual and does not say allow_failure, so GitLab lets the pipeline ${facts.default ? 'pass without it' : 'wait for it'}`,
    help: 'Say allow_failure beside when: manual: false blocks, true does not.',
  },
  'manual/trigger': {
    meaning: "A manual job triggers a pipeline, which GitLab's API cannot start.",
    sentence: ({ job }) => `the job ${job} triggers a pipeline and is manual, and GitLab’s API cannot start such a job`,
    help: 'Put a manual script job before it, which it needs.',
  },
}
