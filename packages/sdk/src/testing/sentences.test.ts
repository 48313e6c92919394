import { expect, test } from 'vitest'
import { Job, Secret } from '../index.js'
import { noSecretIn, publishesOnlyThrough } from './index.js'
import { smallRelease } from './small-release.js'

test('a release is published only through its gate', () => {
  const { app } = smallRelease()
  publishesOnlyThrough(app.synth(), ['seal', 'deploy: [staging]', 'deploy: [production]'])
  expect(() => publishesOnlyThrough(app.synth(), ['security review'])).toThrow('publish: [el/9] does not wait for security review')
})

test('an open gate is told, with its way', () => {
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
