import { expect, expectTypeOf, test } from 'vitest'
import { App } from '../app.js'
import { Condition } from '../condition/index.js'
import { Construct } from '../construct.js'
import { PipelineKind } from '../kind.js'
import { Deployment } from '../release/deployment.js'
import { Release } from '../release/release.js'
import { PublicRepo, StagingRepo } from '../release/repositories.js'
import { PackageTarget } from '../release/target.js'
import { issueCodes } from '../report/catalogue.js'
import { type Issue, sentenceOf } from '../report/issue.js'
import { directory } from '../repository/index.js'

function releaseOf(count: number, props: { readonly architecture?: string } = {}) {
  const app = new App()
  const tagged = new PipelineKind(app, 'release', { when: Condition.tag(/^v(?<version>\d+)$/) })
  const staging = new StagingRepo(app, 'staging', { at: directory('staging') })
  const stable = new PublicRepo(app, 'stable', { at: directory('public') })
  const release = new Release(app, 'acme', { routes: [{ on: tagged, staging, public: stable }] })
  for (let number = 1; number <= count; number++) {
    new PackageTarget(release, `el/${number}`, { build: { script: ['make'] }, packages: '*.rpm', ...props })
  }
  return { app, release, add: (id: string) => new PackageTarget(release, id, { build: { script: ['make'] }, packages: '*.rpm' }) }
}

test('synth changes nothing in the tree, and says the same again', () => {
  const { app } = releaseOf(60)
  const before = app.node.findAll().length
  const [first, second] = [app.synth(), app.synth()]
  expect(app.node.findAll()).toHaveLength(before)
  expect(second.files).toEqual(first.files)
  expect(second.issues).toEqual(first.issues)
  expect(first.explain('collect: [2]').map(({ exists }) => exists)).toContain('always')
})

test('targets that come after synth are in the next one', () => {
  const { app, add } = releaseOf(49)
  expect(app.synth().document.jobs['collect: [1]']).toBeUndefined()
  for (const id of ['el/50', 'el/51']) add(id)
  expect(app.synth().document.jobs).toHaveProperty('collect: [2]')
  expect(app.synth().ok).toBe(true)
})

test('a mistake in a loop is one issue, and says how many more there are', () => {
  const issues = releaseOf(20, { architecture: 'PDP-11!' })
    .app.synth()
    .issues.filter(({ code }) => code === 'target/architecture')
  expect(issues).toMatchObject([{ path: 'acme/el/1', more: 19 }])
  expect(issues.map(sentenceOf)).toEqual([
    'the target el/1 has the architecture PDP-11!, which no package manager uses; and 19 more from this line',
  ])
})

test.each([
  [
    'a release without targets',
    'routes/empty',
    ({ release }) => new Deployment(release, 'production', { environment: 'production', script: ['x'] }),
  ],
  ['two targets of one name', 'structure/duplicate-name', ({ add }) => [add('el/1'), add('el/1')]],
] as const satisfies readonly (readonly [string, string, (made: ReturnType<typeof releaseOf>) => unknown])[])(
  '%s is one error: %s',
  (_, code, make) => {
    const made = releaseOf(0)
    make(made)
    expect(made.app.synth().issues.filter(({ severity }) => severity === 'error')).toMatchObject([{ code }])
  },
)

test('different mistakes of one line stay apart', () => {
  const { app, release } = releaseOf(1)
  for (const distribution of ['x /1', 'y /1'] as const)
    new PackageTarget(release, `for ${distribution}`, { build: { script: ['make'] }, packages: '*.rpm', distribution })
  const found = app.synth().issues.filter(({ code }) => code === 'target/distribution')
  expect(found.map(({ path, more }) => [path, more])).toEqual([
    ['acme/for x /1', undefined],
    ['acme/for y /1', undefined],
  ])
})

test('three uses of a name are two issues, each with its line', () => {
  const app = new App()
  new PipelineKind(app, 'release', { when: Condition.branch('a') })
  new PipelineKind(app, 'release', { when: Condition.branch('b') })
  new PipelineKind(app, 'release', { when: Condition.branch('c') })
  const lines = app.synth().issues.flatMap(({ code, source }) => (code === 'structure/duplicate-name' ? [source?.line] : []))
  expect(new Set(lines).size).toBe(2)
})

test('labels of one letter are found as words, not within them', () => {
  const { app, release } = releaseOf(1)
  for (const id of ['a', 'b', 'c']) new PackageTarget(release, id, { build: { script: ['make'] }, packages: '*.rpm' })
  const found = app.synth().issues.filter(({ code }) => code === 'target/distribution')
  expect(found).toMatchObject([{ path: 'acme/a', more: 2 }])
})

class Service extends Construct {
  constructor(scope: Construct, id: string, props: { readonly owner?: string } = {}) {
    super(scope, id, new.target)
    if (props.owner === undefined) this.report({ code: 'custom/no-owner', sentence: `${id} has no owner`, help: 'Give it an owner.' })
    if (props.owner === 'nobody')
      this.report({ code: 'custom/nobody', sentence: `nobody owns ${id}`, help: 'Name somebody.', severity: 'warning' })
  }
}

test('an author’s own construct reports its own issues', () => {
  const { app } = releaseOf(1)
  new Service(app, 'web')
  const synthesis = app.synth()
  expect(synthesis.ok).toBe(false)
  const issue = synthesis.issues.find(({ code }) => code === 'custom/no-owner')
  expect(issue).toMatchObject({ severity: 'error', path: 'web', help: 'Give it an owner.', source: { line: expect.any(Number) } })
  expect(issue && sentenceOf(issue)).toBe('web has no owner')
})

test('an issue without its words is refused at once', () => {
  class Careless extends Construct {
    constructor(scope: Construct, id: string) {
      super(scope, id, new.target)
      // The cast: a program without types.
      this.report({ code: 'custom/x', sentence: undefined as unknown as string, help: 'x' })
    }
  }
  expect(() => new Careless(new App(), 'x')).toThrow('Expected a sentence and help for the issue custom/x')
})

test('a warning of the author’s own can be accepted with a reason', () => {
  const { app } = releaseOf(1)
  new Service(app, 'web', { owner: 'nobody' })
  app.accept('custom/nobody', 'an experiment')
  const { issues, ok, files } = app.synth()
  expect(issues.map(({ code }) => code)).not.toContain('custom/nobody')
  expect(issues.map(({ code }) => code)).not.toContain('accept/unused')
  expect(ok).toBe(true)
  expect(files[0]?.text).toContain('accepted: custom/nobody: an experiment')
})

test('every code says what it means and what to do, in plain sentences', () => {
  expect(Object.keys(issueCodes).length).toBeGreaterThan(70)
  for (const [code, { meaning, action }] of Object.entries(issueCodes)) {
    expect(meaning, code).toMatch(/^[A-Z].*\.$/)
    expect(action, code).toMatch(/^[A-Z].*[.)…]$/)
    expect(`${meaning} ${action}`, code).not.toMatch(/undefined|\$\{/)
  }
})

test('codes are typed', () => {
  expectTypeOf<Issue['code']>().toExtend<string>()
  // @ts-expect-error no code of ours, and not one of an author's own
  const wrong: Issue['code'] = 'hold/nothing'
  expect(wrong).toBeDefined()
})
