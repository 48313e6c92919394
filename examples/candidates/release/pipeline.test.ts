import { readFileSync } from 'node:fs'
import { publishesOnlyThrough } from 'stagegate/testing'
import { expect, test } from 'vitest'
import app from './pipeline.ts'

const root = new URL('..', import.meta.url)
const synthesis = app.synth({
  readLocal: (path) => {
    try {
      return readFileSync(new URL(path.replace(/^\/+/, ''), root), 'utf8')
    } catch {
      return undefined
    }
  },
})

test('nothing is published before it was installed from staging, whatever the team’s jobs do', () => {
  publishesOnlyThrough(synthesis, ['seal', 'deploy: [installation]'])
})

test('a respin goes to the test repositories, a release to those of all, after the demonstration site', () => {
  const pipelineOf = (tag: string) => synthesis.pipeline({ tag, protected: true })
  const [respin, release] = [pipelineOf('v2.4.0-rc2'), pipelineOf('v2.4.0')]
  for (const one of [respin, release]) expect(one.manual.filter((job) => job.startsWith('publish: '))).toHaveLength(10)
  expect(release.waitsFor('publish: [deb-amd64]')).toEqual(expect.arrayContaining(['deploy: [demo]', 'package deb amd64']))
  expect(respin.waitsFor('publish: [deb-amd64]')).not.toContain('deploy: [demo]')
  const publicIn = (kind: string) => synthesis.plan.releases[0]?.targets.flatMap(({ routes }) => routes[kind]?.public ?? [])
  expect(new Set(publicIn('candidate')?.map(({ repository }) => repository))).toEqual(new Set(['testing', 'test-downloads', 'test-images']))
  expect(new Set(publicIn('final')?.map(({ repository }) => repository))).toEqual(new Set(['stable', 'downloads', 'images']))
})

test('all other pipelines stay as they are', () => {
  const events = [{ branch: 'main', variables: { CI_DEFAULT_BRANCH: 'main' } }, { mergeRequest: 'fix' }, { tag: 'experiment' }]
  for (const event of events) {
    const names = synthesis.pipeline(event).names()
    expect(names.length).toBeGreaterThan(15)
    expect(names.filter((job) => /^(?:stage|publish|verify|seal|prepare|build image)/.test(job))).toEqual([])
  }
})
