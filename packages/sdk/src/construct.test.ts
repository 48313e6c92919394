import { describe, expect, test } from 'vitest'
import { Condition, Construct, directory, Job, PackageTarget, PipelineKind, PublicRepo, Release, StagingRepo, sentenceOf } from './index.js'
import { branchApp, here, issuesOf, smallRelease } from './testing/small-release.js'

class Group extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id, new.target)
  }
}
const script = ['make']

test('a label is kept as the author wrote it', () => {
  const { release } = smallRelease()
  const target = new PackageTarget(release, 'opensuse/15.6', { build: { script }, packages: '*' })
  expect([target.label, target.path, target.jobs.build.path]).toEqual(['opensuse/15.6', 'acme/opensuse/15.6', 'acme/opensuse/15.6/build'])
})

test('the second use of a label is an issue with both lines', () => {
  const { app } = branchApp()
  const first = new Job(app, 'lint', { script })
  const second = new Job(app, 'lint', { script })
  const { issues } = app.synth()
  expect(issues).toMatchObject([{ code: 'structure/duplicate-name', path: 'lint', source: second.source, first: first.source }])
  expect(issues.map(sentenceOf)).toEqual([`lint is used twice; first at construct.test.ts:${here(-4)}`])
})

test('a missing property is named, with the one that was probably meant', () => {
  const { app } = branchApp()
  const untyped = (props: object) => props as never
  expect(() => new PipelineKind(app, 'nightly', untyped({ wen: 1 }))).toThrow(
    'Expected when among the properties of nightly; is wen a typo?',
  )
  expect(() => new Release(app, 'acme', untyped({ rotes: [], hold: 1 }))).toThrow(
    'Expected routes among the properties of acme; is rotes a typo?',
  )
  expect(() => new Release(app, 'other', untyped({}))).toThrow(/^Expected routes among the properties of other$/)
})

test('labels that the library would make alike are not', () => {
  const { app } = branchApp()
  new Job(app, 'a/b', { script })
  new Job(app, 'a--b', { script })
  new Job(app, 'toString', { script })
  expect(issuesOf(app)).toEqual([])
  expect(Object.keys(app.synth().document.jobs)).toEqual(['a/b', 'a--b', 'toString'])
})

test('labels of digits keep their place among the others', () => {
  const { app } = branchApp()
  new PipelineKind(app, '10', { when: Condition.tag(/^1/) })
  new PipelineKind(app, '9', { when: Condition.tag() })
  new Job(app, 'lint', { script })
  expect(app.synth().pipeline({ tag: '1.0' }).kind).toBe('10')
})

describe('the same name in two places', () => {
  test('of jobs is an issue at the second', () => {
    const { app } = branchApp()
    const [one, other] = [new Group(app, 'one'), new Group(app, 'other')]
    new Job(one, 'lint', { script })
    new Job(other, 'lint', { script })
    expect(issuesOf(app)).toEqual([['structure/duplicate-name', 'other/lint', here(-1)]])
  })

  test('of kinds, repositories and releases is one, for the plan knows them by name', () => {
    const { app, tagged, staging, stable } = smallRelease()
    const group = new Group(app, 'group')
    new PipelineKind(group, 'release', { when: Condition.tag(/x/) })
    new StagingRepo(group, 'stable', { at: directory('elsewhere') })
    const again = new Release(group, 'acme', { routes: [{ on: tagged, staging, public: stable }] })
    new PackageTarget(again, 'ubuntu/noble', { build: { script }, packages: '*' })
    expect(issuesOf(app)).toEqual([
      ['structure/duplicate-name', 'group/release', here(-5)],
      ['structure/duplicate-name', 'stable', expect.any(Number)],
      ['structure/duplicate-name', 'group/acme', here(-5)],
      ['structure/duplicate-name', 'group/acme/seal', here(-6)],
    ])
  })

  test('of a hand-written job and a generated one is one', () => {
    const { app } = smallRelease()
    new Job(app, 'seal', { script })
    new Job(app, 'build: [el/9]', { script })
    new Job(app, 'prepare', { script })
    expect(issuesOf(app).map(([code, path]) => [code, path])).toEqual([
      ['structure/duplicate-name', 'prepare'],
      ['structure/duplicate-name', 'seal'],
      ['structure/duplicate-name', 'build: [el/9]'],
    ])
  })
})

test.each(['', ' ', 'a\nb', '\u001b[31m', 'a\u2028b'])('refuses the name %j', (label) => {
  const { app } = branchApp()
  new Job(app, label, { script })
  expect(issuesOf(app)).toContainEqual(['structure/label', label, here(-1)])
})

test('a name that is no text is refused at once', () => {
  const { app } = branchApp()
  // @ts-expect-error for programs without types
  expect(() => new PublicRepo(app, undefined, { at: directory('x') })).toThrow('Expected a name for the PublicRepo, got undefined')
})
