import { readFileSync } from 'node:fs'
import type { App, PipelineEvent } from 'stagegate'
import { publishesOnlyThrough } from 'stagegate/testing'
import { describe, expect, test } from 'vitest'

/** Pipelines of the size and the shape of large projects', each said in one file. */
const ports: readonly [name: string, atLeast: number, gates: readonly string[], event: PipelineEvent, clicks: number][] = [
  ['runner', 65, ['seal'], { tag: 'v1.2.3', protected: true }, 15],
  ['monorepo', 100, [], { tag: 'node-v1.2', protected: true }, 15],
  ['agent', 205, ['seal', 'deploy: [canary]'], { tag: '7.1.2', protected: true }, 4],
]

describe.each(ports)('%s', (name, atLeast, gates, event, clicks) => {
  const path = new URL(`ports/${name}.ts`, import.meta.url)
  const appOf = async (): Promise<App> => (await import(path.href)).default

  test('takes under 130 lines, without patches, and publishes nothing outside the gate', async () => {
    const text = readFileSync(path, 'utf8')
    expect(text.split('\n').length).toBeLessThanOrEqual(130)
    expect(text).not.toMatch(/\bexempt\b|\.patch\(|\.override\(|\.accept\(/)
    const synthesis = (await appOf()).synth()
    // Tests import the sources, which have no command to pin.
    expect(synthesis.issues.filter(({ code }) => code !== 'isolation/command-not-pinned')).toEqual([])
    expect(Object.keys(synthesis.document.jobs).length).toBeGreaterThanOrEqual(atLeast)
    // Each product of the monorepo has a seal of its own.
    if (gates.length > 0) publishesOnlyThrough(synthesis, gates)
  })

  test('waits for its clicks on a release, and publishes nothing else', async () => {
    const pipeline = (await appOf()).synth().pipeline(event)
    expect(pipeline.refused).toBeUndefined()
    expect(pipeline.manual).toHaveLength(clicks)
  })
})

test('a merge request that changes documents alone builds nothing in the runner’s pipeline', async () => {
  const { default: app }: { default: App } = await import(new URL('ports/runner.ts', import.meta.url).href)
  const synthesis = app.synth()
  const names = (changes: readonly string[]) => synthesis.pipeline({ mergeRequest: 'fix', changes, files: [...changes] }).names()
  expect(names(['docs/a.md'])).toEqual(['lint'])
  expect(names(['docs/a.md', 'shell/main.go'])).toEqual(expect.arrayContaining(['binaries', 'package deb amd64']))
})

test('a tag of one product of the monorepo starts nothing of the others', async () => {
  const { default: app }: { default: App } = await import(new URL('ports/monorepo.ts', import.meta.url).href)
  const jobs = app.synth().pipeline({ tag: 'gauge-v1.2', protected: true }).names()
  expect(jobs.filter((job) => /node|rollup|boards/.test(job))).toEqual([])
  expect(jobs).toContain('publish: [gauge binaries-arm64]')
})
