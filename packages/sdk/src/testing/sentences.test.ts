import { expect, test } from 'vitest'
import { Job, Secret } from '../index.js'
import { noSecretIn, publishesOnlyThrough } from './index.js'
import { smallRelease } from './small-release.js'

test('a release is published only through its gate', () => {
  const { app } = smallRelease()
  publishesOnlyThrough(app.synth(), ['seal', 'deploy: [staging]', 'deploy: [production]'])
  expect(() => publishesOnlyThrough(app.synth(), ['security review'])).toThrow(/publish: \[el\/9\] .*security review/)
})

test('a job that is needed optionally, or that may fail, is not gone through', () => {
  const reviewed = (review: { allowFailure?: true }, need: { optional?: true }) => {
    const { app, tagged, targets, release } = smallRelease()
    new Job(app, 'review', { on: tagged, stage: 'deploy', needs: [release.jobs.seal], script: ['./review'], ...review })
    for (const { jobs } of targets) {
      const needs = ['prepare', 'seal', { job: 'deploy: [production]', artifacts: false }, { job: 'review', artifacts: false, ...need }]
      jobs.publish.addOverride('needs', needs, 'reviewed by hand')
    }
    return app.synth()
  }
  publishesOnlyThrough(reviewed({}, {}), ['review', 'seal'])
  expect(() => publishesOnlyThrough(reviewed({}, { optional: true }), ['review'])).toThrow('needs review only optionally')
  expect(() => publishesOnlyThrough(reviewed({ allowFailure: true }, {}), ['review'])).toThrow(/publish: \[el\/9\] .*review/)
})

test('nothing is proved about a pipeline with errors', () => {
  const { app, tagged } = smallRelease()
  new Job(app, 'lint', { on: tagged, script: ['lint'] })
  new Job(app, 'lint', { on: tagged, script: ['lint'] })
  expect(() => publishesOnlyThrough(app.synth(), ['seal'])).toThrow('lint is used twice')
})

test('an open gate is reported, with its path', () => {
  const { app, targets } = smallRelease()
  targets[0]?.jobs.publish.addOverride('needs', ['prepare', 'seal'], 'a mistake')
  expect(() => publishesOnlyThrough(app.synth(), ['seal'])).toThrow('publish: [ubuntu/jammy]')
})

test('a secret is in no job that should not have it', () => {
  const { app, tagged } = smallRelease()
  noSecretIn(app.synth(), 'PUBLIC_TOKEN', 'build: *')
  noSecretIn(app.synth(), 'PUBLIC_TOKEN', 'stage: *')
  expect(() => noSecretIn(app.synth(), 'PUBLIC_TOKEN', 'publish: *')).toThrow('the job publish: [el/9] has PUBLIC_TOKEN')
  new Job(app, 'leak', { on: tagged, script: ['echo $PUBLIC_TOKEN'] })
  new Job(app, 'declared', { on: tagged, script: ['true'], secrets: [Secret.variable('PUBLIC_TOKEN')] })
  for (const name of ['leak', 'declared']) expect(() => noSecretIn(app.synth(), 'PUBLIC_TOKEN', name)).toThrow(`the job ${name} has`)
})

test('a secret that the defaults use is in each job that inherits them', () => {
  const { app, tagged } = smallRelease()
  app.patch('a login for all', (document) => Object.assign(document, { default: { before_script: ['login $OTHER_TOKEN'] } }))
  new Job(app, 'lint', { on: tagged, script: ['lint'] })
  expect(() => noSecretIn(app.synth(), 'OTHER_TOKEN', 'lint')).toThrow('the job lint has OTHER_TOKEN')
  noSecretIn(app.synth(), 'OTHER_TOKEN', 'publish: *')
})

test('a name that no job has is a mistake in the test, and no proof', () => {
  expect(() => noSecretIn(smallRelease().app.synth(), 'PUBLIC_TOKEN', 'biuld: *')).toThrow('no job is called biuld: *')
})
