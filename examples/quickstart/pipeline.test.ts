import { readFileSync } from 'node:fs'
import { publishesOnlyThrough } from 'stagegate/testing'
import { expect, test } from 'vitest'
import app from './pipeline.ts'

const synthesis = app.synth()

test('a tag waits for a person at every target', () => {
  const pipeline = synthesis.pipeline({ tag: 'v1.2.3', protected: true })
  expect(pipeline.kind).toBe('release')
  expect(pipeline.manual).toEqual([
    'publish: [ubuntu/jammy]',
    'publish: [debian/bookworm]',
    'publish: [any/any]',
    'publish: [tarball]',
    'publish: [image]',
  ])
})

test('nothing is published before production runs it', () => {
  publishesOnlyThrough(synthesis, ['seal', 'deploy: [staging]', 'deploy: [production]'])
})

test('a branch only builds', () => {
  const pipeline = synthesis.pipeline({ branch: 'main', protected: true })
  expect(pipeline.names()).toEqual([
    'build: [ubuntu/jammy]',
    'build: [debian/bookworm]',
    'build: [any/any]',
    'build: [tarball]',
    'build: [image]',
  ])
})

test('a tag that is not protected is refused aloud', () => {
  const pipeline = synthesis.pipeline({ tag: 'v1.2.3', protected: false })
  expect(pipeline.names()).toEqual(['refused'])
})

test('the committed files are up to date', () => {
  expect(synthesis.issues).toEqual([])
  for (const { path, text } of synthesis.files) expect(readFileSync(new URL(path, import.meta.url), 'utf8')).toBe(text)
})
