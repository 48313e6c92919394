import type { Wordings } from '../../issue/wording.js'
import { placed, where } from '../../issue/words.js'
import { reasonHelp, reasonSentence } from './sentence.js'

export const gateWording: Wordings<`gate/${string}`> = {
  'gate/include': {
    meaning: 'Included files were not read, so nothing is proved about them.',
    severity: 'warning',
    sentence: ({ files }) =>
      `${files.join(', ')} was not read. It can redefine the jobs of the gate, their defaults, and who can reach credentials`,
    help: "Review the file, and accept it with a reason: app.accept('gate/include', …, { file: '…' }). The command stagegate synth reads local files itself.",
  },
  'gate/child': {
    meaning: 'A child pipeline is part of the gate, but can pass although some of its jobs did not succeed.',
    severity: 'warning',
    sentence: ({ job }) =>
      `the child pipeline of ${job} can pass although some of its jobs do not exist, may fail, or wait for an optional click`,
    help: 'Make its jobs run in every case and remove their allow_failure; or accept this with a reason.',
  },
  'gate/same-place': {
    meaning: 'A staging repository and a public repository are the same place, or one contains the other.',
    severity: ({ is }) => (is === 'same' ? 'error' : 'warning'),
    sentence: (facts) =>
      `the staging repository ${facts.staging} and the public repository ${facts.public} ${facts.is === 'same' ? 'are' : 'may be'} the same place, or one contains the other: ${facts.place}`,
    help: 'Staged artifacts would be public at once. Stage in a private repository. If this is a warning and the staging repository is private, accept it with a reason.',
  },
  'gate/undeclared': {
    meaning: 'A job seems to publish to a place that no PublicRepo describes.',
    severity: 'warning',
    sentence: ({ job, way }) => `the job ${job} can publish outside the gate: ${way}`,
    help: "Put the job behind the gate with publishes: …, exempt it with a reason with exempt: …, or accept this: app.accept('gate/undeclared', …, { job: … }).",
  },
  'gate/open': {
    meaning: 'A job that publishes can start before its gate.',
    sentence: ({ kind, through, sources, because }) =>
      `${where(kind)}, ${placed(through.slice(0, 1), sources)} can start before its gate: ${reasonSentence(because)}${through.length > 1 ? `; path: ${placed(through, sources)}` : ''}`,
    help: ({ because }) => reasonHelp(because),
    action: 'Make the job manual, and let it need every job of the gate, without optional: true.',
  },
}
