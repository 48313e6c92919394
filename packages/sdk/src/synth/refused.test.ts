import { expect, test } from 'vitest'
import { Job, type JobProps, sentenceOf } from '../index.js'
import { branchApp, here } from '../testing/small-release.js'

const refused: readonly (readonly [what: string, props: Partial<JobProps>, sentence: string])[] = [
  [
    'a default of another type',
    { inputs: { i: { type: 'number', default: 'a' } } },
    '`a.inputs.i` has a default value that is not a number',
  ],
  ['a default beside the options', { inputs: { i: { default: 'a', options: ['b'] } } }, 'which is not one of its options'],
  [
    'a pattern for a number',
    { inputs: { i: { type: 'number', default: 1, regex: '1' } } },
    '`a.inputs.i.regex` can be used only for inputs that are strings',
  ],
  ['a dashboard without an agent', { environment: { name: 'e', kubernetes: { dashboard: { namespace: 'n' } } } }, '`dashboard` needs it'],
  [
    'two namespaces',
    { environment: { name: 'e', kubernetes: { agent: 'a', namespace: 'n', dashboard: { namespace: 'n' } } } },
    'which cannot be combined',
  ],
  ['no pull policy', { image: { name: 'i', pullPolicy: [] } }, '`a.image.pull_policy` is an empty list'],
  ['HEAD for a ref', { release: { tagName: 't', description: 'd', ref: 'HEAD' } }, '`a.release.ref` should be the name of a branch or tag'],
  ['assets without links', { release: { tagName: 't', description: 'd', assets: { links: [] } } }, '`assets` needs at least one link'],
  [
    'a step without a command',
    { script: undefined, run: [{ name: 's', script: '' }] },
    '`a.run.0.script` should be a string with at least one',
  ],
]

test.each(refused)('GitLab would refuse %s, and synth says so at the line of the job', (_, props, sentence) => {
  const { app } = branchApp({ gitlab: '>=19.2' })
  new Job(app, 'a', { script: ['x'], ...props })
  const { issues } = app.synth()
  expect(issues.map(({ code, source }) => [code, source?.line])).toEqual([['gitlab/refused', here(-2)]])
  expect(issues.map(sentenceOf).join()).toContain(sentence)
})

test('a default of an input of the pipeline is judged too', () => {
  const { app } = branchApp({ inputs: { count: { type: 'number', default: 'many' } } })
  new Job(app, 'a', { script: ['x'] })
  expect(app.synth().issues.map(({ code }) => code)).toEqual(['gitlab/refused'])
})

test('rules by regular expressions, and plain variables of services, are taken', () => {
  const { app } = branchApp({ gitlab: '>=19.2' })
  new Job(app, 'a', {
    script: ['x'],
    services: [{ name: 's', variables: { A: 'b' } }],
    rules: [{ changes: { regexp: 'src/.*' } }, { exists: { regexp: 'x', project: 'acme/x' } }],
  })
  const { issues, files } = app.synth()
  expect([issues, files.length]).toEqual([[], 1])
})

test('a pipeline that takes half of the memory that GitLab allows is a warning', () => {
  const { app } = branchApp()
  for (let index = 0; index < 2_000; index += 1) new Job(app, `job-${index}`, { script: ['x'], tags: ['t'] })
  expect(app.synth().issues).toMatchObject([{ code: 'structure/too-big', severity: 'warning', limit: 2 * 1024 * 1024 }])
})
