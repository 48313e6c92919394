import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { Job, PackageTarget, sentenceOf } from './index.js'
import { firstFrame, madeAt } from './source-location.js'
import { branchApp, here, smallRelease } from './testing/small-release.js'

const thisFile = fileURLToPath(import.meta.url)

test('the line of a construct is that of its new', () => {
  const { app } = branchApp()
  const job = new Job(app, 'lint', { script: ['make lint'] })
  expect(job.source).toMatchObject({ file: thisFile, line: here(-1), column: 15 })
})

test('a class of the author is where it is made, not where it calls super', () => {
  class Debian extends PackageTarget {
    constructor(release: ConstructorParameters<typeof PackageTarget>[0], codename: string) {
      super(release, `debian/${codename}`, { build: { script: ['make'] }, packages: '*.deb' })
    }
  }
  const { release } = smallRelease()
  expect(new Debian(release, 'trixie').source.line).toBe(here())
})

test('jobs that a release makes are at the line of the author that asked for them', () => {
  const { release, targets } = smallRelease()
  for (const target of targets) {
    // The seal is the release's own.
    const { seal, ...own } = target.jobs
    expect(seal).toBe(release.jobs.seal)
    for (const job of Object.values(own)) expect(job.source).toEqual(target.source)
  }
  for (const job of Object.values(release.jobs)) expect(job.source).toEqual(release.source)
})

test('a construct that a function of the author makes knows where the function was called', () => {
  const { app } = branchApp()
  const { release } = smallRelease()
  const made = (label: string) => new Job(app, label, { script: ['true'] })
  const [alone, inMap, direct] = [made('a'), ['b'].map((label) => made(label))[0], new Job(app, 'c', { script: ['true'] })]
  expect(alone.source).toMatchObject({ file: thisFile, line: here(-2), calledAt: { file: thisFile, line: here(-1) } })
  expect(inMap?.source.calledAt).toMatchObject({ file: thisFile, line: here(-2) })
  // A callback of the language's own is no helper.
  const [own] = ['d'].map((label) => new Job(app, label, { script: ['true'] }))
  for (const job of [direct, own]) expect(job?.source.calledAt).toBeUndefined()
  expect(release.jobs.seal.source).toEqual(release.source)
})

test('two of one name tell both calls of the function that made them', () => {
  const { app } = branchApp()
  const made = (label: string) => new Job(app, label, { script: ['true'] })
  made('twice')
  made('twice')
  const issue = app.synth().issues.find(({ code }) => code === 'structure/duplicate-name')
  expect(issue === undefined ? '' : sentenceOf(issue)).toBe(
    `twice is used twice; first at source-location.test.ts:${here(-5)}, called at source-location.test.ts:${here(-4)}`,
  )
  expect(issue?.source?.calledAt?.line).toBe(here(-5))
})

test('the stand-in ends with its callback, even one that throws', () => {
  const source = { file: '/x.ts', line: 1, column: 1 }
  expect(() =>
    madeAt(source, () => {
      throw new Error('no')
    }),
  ).toThrow('no')
  const { app } = branchApp()
  expect(madeAt(source, () => new Job(app, 'a', { script: ['a'] }).source)).toBe(source)
  expect(new Job(app, 'b', { script: ['b'] }).source.file).toBe(thisFile)
})

test.each([
  ['    at new Job (/a/b.ts:1:2)', '/a/b.ts'],
  ['    at /a/b.ts:1:2', '/a/b.ts'],
  ['    at file:///a%20b/c.ts:1:2', '/a b/c.ts'],
  ['    at async Promise.all (index 0)\n    at file:///a.ts?t=123:1:2', '/a.ts'],
  ['    at node:internal/modules:1:2\n    at Object.<anonymous> (/home/me/copy (2)/pipeline.ts:1:2)', '/home/me/copy (2)/pipeline.ts'],
  ['    at /home/me/copy (2)/pipeline.ts:1:2', '/home/me/copy (2)/pipeline.ts'],
  ['    at eval (eval at run (/tool.js:9:9), <anonymous>:7:7)\n    at C (/a.ts:1:2)', '/a.ts'],
])('reads %j', (stack, file) => {
  expect(firstFrame(`Error\n${stack}`)).toEqual({ file, line: 1, column: 2 })
})

test('a stack without files says so', () => {
  expect(firstFrame('Error: nothing\n    at <anonymous>')).toBeUndefined()
})

test('a project in a folder with parentheses in its name keeps its lines', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'stagegate-'))
  try {
    const project = join(folder, 'my (second) copy')
    mkdirSync(project)
    writeFileSync(join(project, 'thrower.mjs'), '\n\nexport const stack = () => new Error("here").stack\n')
    const { stack } = await import(pathToFileURL(join(project, 'thrower.mjs')).href)
    expect(firstFrame(stack())).toMatchObject({ line: 3 })
  } finally {
    rmSync(folder, { recursive: true })
  }
})
