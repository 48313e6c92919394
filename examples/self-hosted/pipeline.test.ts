import { readFileSync } from 'node:fs'
import { publishesOnlyThrough } from 'stagegate/testing'
import { expect, test } from 'vitest'
import app from './pipeline.ts'

const synthesis = app.synth()

test('a tag waits for a person at every target', () => {
  const { kind, manual } = synthesis.pipeline({ tag: 'v1.2.3', protected: true })
  expect(kind).toBe('release')
  expect(manual).toEqual(['publish: [debian/bookworm]', 'publish: [el/9]'])
})

test('nothing is published before the staged packages were tried', () => {
  publishesOnlyThrough(synthesis, ['seal', 'deploy: [check]'])
})

test('a branch only builds', () => {
  expect(synthesis.pipeline({ branch: 'main', protected: true }).names()).toEqual(['build: [debian/bookworm]', 'build: [el/9]'])
})

test('the committed files are up to date', () => {
  expect(synthesis.issues).toEqual([])
  for (const { path, text } of synthesis.files) expect(readFileSync(new URL(path, import.meta.url), 'utf8')).toBe(text)
})
