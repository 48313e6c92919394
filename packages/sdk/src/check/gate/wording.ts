import type { Wordings } from '../../issue/wording.js'
import { placed, where } from '../../issue/words.js'
import { reasonHelp, reasonSentence } from './sentence.js'

export const gateWording: Wordings<`gate/${string}`> = {
  'gate/include': {
    meaning: 'Included files were not read, so nothing is proved about them.',
    severity: 'warning',
    sentence: ({ files }) =>
      `what is in ${files.join(', ')} is not looked at, and can redefine the jobs of the gate, what they inherit, and who gets at the credentials`,
    help: "Look at it yourself, and accept this with a reason: app.accept('gate/include', …). Local files that are named in full, without rules, are read by stagegate synth.",
  },
  'gate/same-place': {
    meaning: 'A staging and a public repository are the same place.',
    sentence: (facts) =>
      `the staging repository ${facts.staging} and the public repository ${facts.public} are the same place, ${facts.place}`,
    help: 'What is staged would be public at once. Stage somewhere private.',
  },
  'gate/open': {
    meaning: 'A job that publishes can start before its gate.',
    sentence: ({ kind, through, sources, because }) =>
      `${where(kind)} ${placed(through.slice(0, 1), sources)} can start before its gate: ${reasonSentence(because)}${through.length > 1 ? `; ${placed(through, sources)}` : ''}`,
    help: ({ because }) => reasonHelp(because),
    action: 'Let the job need every job of the gate, without optional: true, and start by a click.',
  },
}
