import type { Wordings } from '../../issue/wording.js'
import { placed, where } from '../../issue/words.js'
import { reasonHelp, reasonSentence } from './sentence.js'

export const gateWording: Wordings<`gate/${string}`> = {
  'gate/include': {
    meaning: 'Included files were not read, so nothing is proved about them.',
    severity: 'warning',
    sentence: ({ files }) =>
      `${files.join(', ')} was not read, and can redefine the jobs of the gate, their defaults, and the access to credentials`,
    help: "Look at it yourself, and accept this file with a reason: app.accept('gate/include', …, { file: '…' }). Local files are read by stagegate synth.",
  },
  'gate/child': {
    meaning: 'A child pipeline is a gate, and some of its jobs need not succeed.',
    severity: 'warning',
    sentence: ({ job }) =>
      `the child pipeline of ${job} can pass although some of its jobs do not exist, may fail, or wait for an optional click`,
    help: 'Let its jobs exist in any case and take allow_failure off them; or accept this with a reason.',
  },
  'gate/same-place': {
    meaning: 'A staging and a public repository are the same place, or one lies in the other.',
    severity: ({ is }) => (is === 'same' ? 'error' : 'warning'),
    sentence: (facts) =>
      `the staging repository ${facts.staging} and the public repository ${facts.public} ${facts.is === 'same' ? 'are' : 'may be'} the same place, or one in the other: ${facts.place}`,
    help: 'Staged artifacts would be public at once. Stage in a private repository; or, where it is one and this is a warning, accept it with a reason.',
  },
  'gate/undeclared': {
    meaning: 'A job publishes, as it seems, in a way that no PublicRepo stands for.',
    severity: 'warning',
    sentence: ({ job, way }) => `the job ${job} can publish outside the gate: ${way}`,
    help: "Hold it behind the gate with publishes: …, say why it may with exempt: …, or accept it: app.accept('gate/undeclared', …, { job: … }).",
  },
  'gate/open': {
    meaning: 'A job that publishes can start before its gate.',
    sentence: ({ kind, through, sources, because }) =>
      `${where(kind)} ${placed(through.slice(0, 1), sources)} can start before its gate: ${reasonSentence(because)}${through.length > 1 ? `; ${placed(through, sources)}` : ''}`,
    help: ({ because }) => reasonHelp(because),
    action: 'Let the job need every job of the gate, without optional: true, and start by a click.',
  },
}
