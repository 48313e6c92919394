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

test('nothing is published before production runs it, whatever the team’s jobs do', () => {
  publishesOnlyThrough(synthesis, ['seal', 'deploy: [production]'])
})

test('a release tag waits for seven clicks, after the team’s own packages', () => {
  const pipeline = synthesis.pipeline({ tag: 'v1.2.3', protected: true })
  expect(pipeline.manual.filter((job) => job.startsWith('publish: '))).toHaveLength(7)
  expect(pipeline.waitsFor('publish: [el/9]')).toEqual(expect.arrayContaining(['deploy: [production]', 'package el-9']))
})

test('all other pipelines stay as they are', () => {
  for (const event of [{ branch: 'main' }, { mergeRequest: 'fix' }, { tag: 'experiment' }])
    expect(
      synthesis
        .pipeline(event)
        .names()
        .filter((job) => /^(?:stage|publish|verify|seal|prepare)/.test(job)),
    ).toEqual([])
})
