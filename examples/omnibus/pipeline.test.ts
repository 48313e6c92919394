import { readFileSync } from 'node:fs'
import type { PipelineEvent } from 'stagegate'
import { noSecretIn, publishesOnlyThrough } from 'stagegate/testing'
import { describe, expect, test } from 'vitest'
import app from './pipeline.ts'

const synthesis = app.synth()

const events: Readonly<Record<string, PipelineEvent>> = {
  'ee-tag': { tag: '18.1.2+ee.0', protected: true },
  'ce-tag': { tag: '18.1.2+ce.0', protected: true },
  'ee-rc': { tag: '18.1.2+rc42.ee.0', protected: true },
  'ce-rc': { tag: '18.1.2+rc42.ce.0', protected: true },
  'auto-deploy': { tag: '18.1.202601311200+0123456789a.abcdef01234', protected: true },
  'ee-nightly': { branch: 'master-ee', source: 'schedule', variables: { NIGHTLY: 'true' } },
  'ce-nightly': { branch: 'master', source: 'schedule', variables: { NIGHTLY: 'true' } },
  'ee-branch': { branch: 'fix-ee' },
  'ce-branch': { branch: 'fix' },
}

/** How many jobs of each phase a kind has. */
function counts(event: PipelineEvent): Readonly<Record<string, number>> {
  const pipeline = synthesis.pipeline(event)
  const phases = ['build', 'stage', 'seal', 'deploy', 'publish', 'verify', 'Docker', 'AWS']
  return Object.fromEntries(phases.map((phase) => [phase, pipeline.names(`${phase}*`).length]))
}

test('the committed files are up to date, and synth warns of nothing', () => {
  expect(synthesis.issues).toEqual([])
  for (const { path, text } of synthesis.files) expect(readFileSync(new URL(path, import.meta.url), 'utf8')).toBe(text)
})

test('jobs of a group share what they say, so the file takes less than half of the lines of whole jobs', () => {
  expect(synthesis.files[0]?.text.split('\n').length).toBeLessThan(4_343 / 2)
})

test.each(Object.entries(events))('%s is a kind of its own', (kind, event) => {
  expect(synthesis.pipeline(event).kind).toBe(kind)
})

describe('the jobs of each kind', () => {
  test.each([
    ['ee-tag', { build: 27, stage: 27, seal: 1, deploy: 1, publish: 27, verify: 27, Docker: 2, AWS: 4 }],
    ['ce-tag', { build: 25, stage: 25, seal: 3, deploy: 1, publish: 25, verify: 25, Docker: 2, AWS: 2 }],
    ['ee-rc', { build: 27, stage: 27, seal: 1, deploy: 2, publish: 27, verify: 27, Docker: 2, AWS: 0 }],
    ['ce-rc', { build: 25, stage: 25, seal: 3, deploy: 1, publish: 25, verify: 25, Docker: 2, AWS: 0 }],
    ['auto-deploy', { build: 26, stage: 26, seal: 1, deploy: 0, publish: 0, verify: 0, Docker: 0, AWS: 0 }],
    ['ee-nightly', { build: 26, stage: 26, seal: 1, deploy: 0, publish: 0, verify: 0, Docker: 0, AWS: 0 }],
    ['ce-nightly', { build: 22, stage: 22, seal: 1, deploy: 0, publish: 0, verify: 0, Docker: 0, AWS: 0 }],
    ['ee-branch', { build: 26, stage: 0, seal: 0, deploy: 0, publish: 0, verify: 0, Docker: 0, AWS: 0 }],
    ['ce-branch', { build: 22, stage: 0, seal: 0, deploy: 0, publish: 0, verify: 0, Docker: 0, AWS: 0 }],
  ])('%s', (kind, expected) => {
    const event = events[kind]
    expect(event && counts(event)).toEqual(expected)
  })
})

test('FIPS packages are of the enterprise edition only, Raspberry Pi ones of the community edition', () => {
  const names = (kind: string) => (events[kind] === undefined ? [] : synthesis.pipeline(events[kind]).names('build: *'))
  expect(names('ee-tag').filter((name) => name.includes('fips'))).toHaveLength(4)
  expect(names('ce-tag').filter((name) => name.includes('fips'))).toEqual([])
  expect(names('ce-tag').filter((name) => name.includes('Raspberry'))).toHaveLength(2)
})

test('everything that is published waits for a click, and for the check of what is staged', () => {
  for (const kind of ['ee-tag', 'ce-tag', 'ee-rc', 'ce-rc']) {
    const event = events[kind]
    if (event === undefined) throw new Error(`Expected an event for ${kind}`)
    const pipeline = synthesis.pipeline(event)
    for (const job of pipeline.names('publish: *')) {
      expect(pipeline.manual).toContain(job)
      expect(pipeline.waitsFor(job)).toContain('deploy: [staging-check]')
    }
  }
})

test('the gate is the seal and the check of what is staged, and no build sees a credential', () => {
  publishesOnlyThrough(synthesis, ['seal', 'deploy: [staging-check]'])
  for (const secret of ['PUBLIC_TOKEN', 'STAGING_TOKEN', 'DOCKERHUB_PASSWORD', 'ARCHIVE_PASSWORD'])
    noSecretIn(synthesis, secret, 'build: *')
})

test('verify jobs run after everything required is public', () => {
  const pipeline = synthesis.pipeline({ tag: '18.1.2+ce.0', protected: true })
  expect(pipeline.waitsFor('check-availability').filter((name) => name.startsWith('publish: '))).toHaveLength(23)
})

test('a slow Raspberry Pi delays no other target', () => {
  const pipeline = synthesis.pipeline({ tag: '18.1.2+ce.0', protected: true })
  expect(pipeline.waitsFor('publish: [Debian-12]').filter((name) => name.includes('Raspberry'))).toEqual([])
})

test('Enterprise Linux packages go to Oracle Linux too', () => {
  const target = synthesis.plan.releases[0]?.targets.find(({ id }) => id === 'AlmaLinux-9')
  expect(target?.routes['ee-tag']?.public).toEqual([
    { repository: 'ee', advisory: false },
    { repository: 'ee', distribution: 'ol/9', advisory: false },
  ])
})

test('an edition has one image, for both platforms; `latest` is for releases, and the archive cannot hold one up', () => {
  const targets = synthesis.plan.releases[0]?.targets.filter(({ what }) => what.type === 'image') ?? []
  expect(targets.map(({ id }) => id)).toEqual(['omnibus-ee', 'omnibus-ce'])
  const [enterprise] = targets
  expect(enterprise?.what).toMatchObject({
    platforms: ['linux/amd64', 'linux/arm64'],
    tags: [
      { name: 'version', kinds: ['ee-rc', 'ee-tag'] },
      { name: 'rc', kinds: ['ee-rc', 'ee-tag'] },
      { name: 'latest', kinds: ['ee-tag'] },
    ],
  })
  expect(enterprise?.routes['ee-tag']?.public).toEqual([
    { repository: 'docker-hub', advisory: false },
    { repository: 'image-archive', advisory: true },
  ])
})

test('images wait for the packages of both architectures', () => {
  const pipeline = synthesis.pipeline({ tag: '18.1.2+ee.0', protected: true })
  expect(pipeline.waitsFor('build: [omnibus-ee]')).toEqual(expect.arrayContaining(['build: [Ubuntu-24.04]', 'build: [Ubuntu-24.04-arm64]']))
})
