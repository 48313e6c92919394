import { canonical, type JsonObject } from '@stagegate/schema'
import { describe, expect, test } from 'vitest'
import type { PipelineDocument } from '../gitlab/document.js'
import { PackageTarget } from '../index.js'
import { memoryOf } from '../lint/index.js'
import { emptyRelease, pinned } from '../testing/small-release.js'
import { proveSame } from './same-pipeline.js'
import { withSharedParts } from './shared-parts.js'

const image = `node@sha256:${'0'.repeat(64)}`
const rules = [{ if: '$CI_COMMIT_TAG =~ /^v/', when: 'manual', allow_failure: false }]
const body = (of: string, more: JsonObject = {}): JsonObject => ({
  stage: 'publish',
  needs: ['seal'],
  image,
  variables: { GIT_STRATEGY: 'empty', LEVEL: '1' },
  timeout: '2 hours',
  script: [`push ${of}`],
  rules,
  ...more,
})

/** A group of five jobs, `publish: [a]` to `publish: [e]`, some with keywords of their own, beside other jobs. */
function group(own: Readonly<Record<string, JsonObject>> = {}, others: Readonly<Record<string, JsonObject>> = {}): PipelineDocument {
  const jobs = ['a', 'b', 'c', 'd', 'e'].map((of) => [`publish: [${of}]`, body(of, own[of])] as const)
  return { stages: ['publish'], workflow: {}, variables: {}, jobs: { ...others, ...Object.fromEntries(jobs) } }
}

/** The jobs as they are written, which is proved to be the same pipeline. */
function written(document: PipelineDocument): PipelineDocument['jobs'] {
  const shared = withSharedParts(document)
  proveSame(document, shared)
  return shared.jobs
}

const settings = '.stagegate:publish'
const rulesOfMost = '.stagegate:publish:rules'
const both = [settings, rulesOfMost]

describe('a group of more than four jobs', () => {
  test('shares its keywords and its rules; each job shows its work, its needs and its place', () => {
    const at = (of: string) => ({ environment: { name: `public/${of}` }, resource_group: of })
    const jobs = written(group(Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((of) => [of, at('stable')]))))
    expect(Object.keys(jobs).slice(0, 3)).toEqual([settings, rulesOfMost, 'publish: [a]'])
    expect(jobs[settings]).toEqual({ stage: 'publish', image, variables: { GIT_STRATEGY: 'empty', LEVEL: '1' }, timeout: '2 hours' })
    expect(jobs[rulesOfMost]).toEqual({ rules })
    expect(jobs['publish: [c]']).toEqual({ extends: both, needs: ['seal'], script: ['push c'], ...at('stable') })
  })

  test('is the same whatever the order of the keys', () => {
    const turned = { rules: [{ allow_failure: false, when: 'manual', if: '$CI_COMMIT_TAG =~ /^v/' }] }
    expect(written(group({ b: turned }))).toEqual(written(group()))
  })

  test('of four stays whole, and so do jobs that GitLab shows by themselves', () => {
    const { 'publish: [e]': _, ...four } = group().jobs
    const document = { ...group(), jobs: four }
    expect(withSharedParts(document)).toEqual(document)
    const alone = { ...group(), jobs: Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((of) => [`publish ${of}`, body(of)])) }
    expect(withSharedParts(alone)).toEqual(alone)
  })

  test('stays whole where a part would cost as many lines as it saves', () => {
    const jobs = Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((of) => [`x: [${of}]`, { stage: 'x', script: [of] }]))
    const document = { ...group(), jobs }
    expect(withSharedParts(document)).toEqual(document)
  })

  test('stays whole in a document with a header, which others can include twice', () => {
    const document = { ...group(), spec: { inputs: { level: {} } } }
    expect(withSharedParts(document)).toEqual(document)
  })
})

describe('a small change of the pipeline is a small change of the file', () => {
  const base = written(group())
  /** The jobs that are written in another way, or are new. */
  const changed = (jobs: PipelineDocument['jobs']) =>
    Object.keys(jobs).filter((name) => canonical(jobs[name]) !== canonical(base[name] ?? null))

  test('a further job is one more job', () => {
    expect(changed(written(group({}, { 'publish: [z]': body('z') })))).toEqual(['publish: [z]'])
  })

  test('an odd job says itself how it differs, or stays whole', () => {
    expect(written(group({ c: { image: 'other', variables: { GIT_STRATEGY: 'none', LEVEL: '1' } } }))['publish: [c]']).toEqual({
      extends: both,
      needs: ['seal'],
      image: 'other',
      variables: { GIT_STRATEGY: 'none', LEVEL: '1' },
      script: ['push c'],
    })
    for (const own of [{ image: 'other' }, { variables: {} }, { variables: { OTHER: '1' } }, { timeout: null }])
      expect(changed(written(group({ c: own })))).toEqual(['publish: [c]'])
    const { rules: _, ...others } = body('c', { variables: {} })
    expect(written(group({ c: { variables: {} } }))['publish: [c]']).toEqual({ extends: rulesOfMost, ...others })
  })

  test('another value for all is a change of the part', () => {
    const all = Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((of) => [of, { timeout: '3 hours' }]))
    expect(changed(written(group(all)))).toEqual([settings])
  })

  test('other rules of two jobs are a separate part, named after the first, and those of one job stay in it', () => {
    const more = { rules: [...rules, { if: '$A' }, { if: '$B' }] }
    const jobs = written(group({ c: more, e: more }))
    expect(changed(jobs)).toEqual(['.stagegate:publish:rules-of-c', 'publish: [c]', 'publish: [e]'])
    expect(jobs['publish: [e]']?.['extends']).toEqual([settings, '.stagegate:publish:rules-of-c'])
    expect(changed(written(group({ c: more })))).toEqual(['publish: [c]'])
    expect(Object.keys(written(group({ a: more, b: more, c: { rules: [] } })))).toContain('.stagegate:publish:rules-of-a')
  })
})

describe('the author’s own extends stay', () => {
  test('their bases come first, so that they stay below', () => {
    const jobs = written(group({ b: { extends: '.theirs' }, c: { extends: ['.one', '.two'] } }))
    expect(jobs['publish: [b]']?.['extends']).toEqual(['.theirs', ...both])
    expect(jobs['publish: [c]']?.['extends']).toEqual(['.one', '.two', ...both])
  })

  test('a job with bases extends no part whose value it replaces, since its bases may be merged into it', () => {
    const own = { extends: '.theirs', timeout: '9 hours' }
    expect(written(group({ b: own }))['publish: [b]']).toEqual({ ...body('b', own), extends: ['.theirs', rulesOfMost], rules: undefined })
  })

  test('a name that a job has, or extends, is not taken', () => {
    const jobs = written(group({ b: { extends: rulesOfMost } }, { [settings]: { script: ['theirs'] } }))
    expect(jobs[settings]).toEqual({ script: ['theirs'] })
    expect(jobs['publish: [a]']?.['extends']).toEqual([`${settings}:2`, `${rulesOfMost}:2`])
    expect(jobs['publish: [b]']?.['extends']).toEqual([rulesOfMost, `${settings}:2`, `${rulesOfMost}:2`])
  })

  test('a job that others extend, a hidden one, and one with unknown bases stay whole', () => {
    const odd = { extends: { a: 1 } }
    const hidden = { '.publish: [x]': body('x') }
    const jobs = written(
      group({ b: odd, c: {} }, { ...hidden, 'publish: [f]': body('f'), 'publish: [g]': body('g'), other: { extends: 'publish: [c]' } }),
    )
    expect(jobs['publish: [b]']).toEqual(body('b', odd))
    expect(jobs['publish: [c]']).toEqual(body('c'))
    expect(jobs['.publish: [x]']).toEqual(body('x'))
    expect(jobs['publish: [a]']?.['extends']).toEqual(both)
  })
})

describe('another pipeline is refused', () => {
  const whole = group({ b: { extends: '.theirs' } })
  const shared = withSharedParts(whole)
  const job = (name: string, change: JsonObject) => ({ ...shared, jobs: { ...shared.jobs, [name]: { ...shared.jobs[name], ...change } } })

  test.each([
    ['a part with another value', job(settings, { image: 'other' }), 'publish: [a]'],
    ['a part with more', job(settings, { cache: { paths: ['x'] } }), 'publish: [a]'],
    ['a job without a part', job('publish: [a]', { extends: settings }), 'publish: [a]'],
    ['a job with more', job('publish: [e]', { tags: ['x'] }), 'publish: [e]'],
    ['bases in another order', job('publish: [b]', { extends: [...both, '.theirs'] }), 'publish: [b]'],
    ['a base that is lost', job('publish: [b]', { extends: both }), 'publish: [b]'],
    ['a value that could be merged into', job('publish: [b]', { variables: { GIT_STRATEGY: 'empty', LEVEL: '1' } }), 'publish: [b]'],
    ['a further job', job('deploy', { script: ['x'] }), 'deploy'],
    ['other stages', { ...shared, stages: [] }, 'the keywords'],
    ['a job that is gone', { ...shared, jobs: Object.fromEntries(Object.entries(shared.jobs).slice(0, -1)) }, 'publish: [e]'],
  ])('%s', (_, other, named) => {
    expect(() => proveSame(whole, other)).toThrow(named)
    expect(() => proveSame(whole, shared)).not.toThrow()
  })
})

test('a release of many targets takes less than half of its lines, and of the memory that GitLab needs for it', () => {
  const release = (sharedParts: boolean) => {
    const { app, release } = emptyRelease({ ...pinned, sharedParts })
    for (let version = 1; version <= 40; version++)
      new PackageTarget(release, `el/${version}`, { build: { script: ['make'] }, packages: 'dist/*' })
    const { files, document, issues } = app.synth()
    expect(issues).toEqual([])
    const { jobs, ...rest } = sharedParts ? withSharedParts(document) : document
    return { lines: files[0]?.text.split('\n').length ?? 0, memory: memoryOf({ ...rest, ...jobs }) ?? 0 }
  }
  const [whole, shared] = [release(false), release(true)]
  expect(shared.lines * 2).toBeLessThan(whole.lines)
  expect(shared.memory * 2).toBeLessThan(whole.memory)
})
