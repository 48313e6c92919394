import type { Wordings } from '../../issue/wording.js'
import { placed, where } from '../../issue/words.js'
import { reasonHelp, reasonSentence } from './sentence.js'

export const gateWording: Wordings<`gate/${string}`> = {
  'gate/include': {
    meaning: 'Included files were not read, so nothing is proved about them.',
    severity: 'warning',
    sentence: ({ files }) =>
      `${files.join(', ')} was not read, and can redefine the jobs of the gate, their defaults, and the access to credentials`,
    help: "Look at it yourself, and accept this with a reason: app.accept('gate/include', …). Local files that are named in full, without rules, are read by stagegate synth.",
  },
  'gate/same-place': {
    meaning: 'A staging and a public repository are the same place.',
    sentence: (facts) =>
      `the staging repository ${facts.staging} and the public repository ${facts.public} are the same place, ${facts.place}`,
    help: 'Staged artifacts would be public at once. Stage in a private repository.',
  },
  'gate/open': {
    meaning: 'A job that publishes can start before its gate.',
    sentence: ({ kind, through, sources, because }) =>
      `${where(kind)} ${placed(through.slice(0, 1), sources)} can start before its gate: ${reasonSentence(because)}${through.length > 1 ? `; ${placed(through, sources)}` : ''}`,
    help: ({ because }) => reasonHelp(because),
    action: 'Let the job need every job of the gate, without optional: true, and start by a click.',
  },
}
