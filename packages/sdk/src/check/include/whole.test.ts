import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { App, Condition, Job, PackageTarget, PipelineKind, sentenceOf } from '../../index.js'
import { emptyRelease, here, pinned, smallRelease } from '../../testing/small-release.js'

const include = [{ local: '/ci/more.yml' }]
const reading = (text: string) => ({ readLocal: (path: string) => (path === 'ci/more.yml' ? text : undefined) })

test('a job that an included file redefines is reported with both places', () => {
  const { app, release } = smallRelease({ ...pinned, include })
  const synthesis = app.synth(reading('# checks\nseal:\n  tags: [fast]\n'))
  const [issue, ...others] = synthesis.issues
  expect(others).toEqual([])
  expect(issue).toMatchObject({ path: 'acme/seal', source: { file: join(dirname(app.source.file), 'ci/more.yml'), line: 2 } })
  expect(issue && sentenceOf(issue)).toBe(
    `an included file also has a job seal (small-release.ts:${release.source.line}), and GitLab merges the two`,
  )
  expect(synthesis.files).toEqual([])
})

test('an included file that redefines a hidden job changes each job that extends it, which is reported', () => {
  const { app, release } = smallRelease({ ...pinned, include })
  for (const version of [5, 6, 7]) new PackageTarget(release, `el/${version}`, { build: { script: ['make'] }, packages: 'dist/*' })
  expect(app.synth(reading('lint: {stage: build, needs: [], script: [lint]}')).issues).toEqual([])
  const found = app.synth(reading('.stagegate:publish: {cache: {paths: [.stagegate/]}}')).issues.map(sentenceOf)
  expect(found).toContain('an included file also has a job .stagegate:publish, and GitLab merges the two')
  expect(found.join('\n')).toContain('cache')
})

test('an unread file is named, and accepting it also covers a caller that can read it', () => {
  const { app } = smallRelease({ ...pinned, include: [...include, { project: 'acme/ci', file: 'lint.yml' }] })
  expect(app.synth().issues.map(sentenceOf)).toEqual([
    expect.stringContaining('/ci/more.yml was not read'),
    expect.stringContaining('acme/ci: lint.yml was not read'),
  ])
  const reader = reading('lint: {stage: build, needs: [], script: [lint]}')
  expect(app.synth(reader).issues.map(sentenceOf)).toEqual([expect.stringContaining('acme/ci: lint.yml was not read')])
  for (const file of ['/ci/more.yml', 'acme/ci: lint.yml']) app.accept('gate/include', 'it is ours', { file })
  expect([app.synth(), app.synth(reader)].flatMap(({ issues }) => issues)).toEqual([])
})

test('a stage that no unread file can add is found, with the line of the job in the other file', () => {
  const app = new App({ include: [...include, { project: 'acme/ci', file: 'lint.yml' }], stages: ['build'] })
  new PipelineKind(app, 'main', { when: Condition.branch('main') })
  new Job(app, 'unit', { stage: 'build', script: ['unit'] })
  const { issues } = app.synth(reading('\nreport:\n  stage: qa\n  script: [report]\n'))
  const refused = issues.find(({ code }) => code === 'gitlab/refused')
  expect(refused).toMatchObject({ source: { file: join(dirname(app.source.file), 'ci/more.yml'), line: 2 } })
  expect(refused && sentenceOf(refused)).toContain('replace the `stages` of all files that it includes')
})

test('a pipeline that was read with its files answers for their jobs too', () => {
  const app = new App({ include })
  const main = new PipelineKind(app, 'main', { when: Condition.branch('main') })
  new Job(app, 'unit', { on: main, needs: [{ name: 'lint' }], script: ['unit'] })
  const line = here(-1)
  const synthesis = app.synth(
    reading('.base: {script: [lint]}\nlint:\n  extends: .base\n  stage: build\n  needs: []\n  rules:\n    - if: $LINT\n'),
  )
  expect(synthesis.issues).toMatchObject([{ code: 'kinds/producer-absent', job: 'unit', where: 'none of its rules matches: $LINT' }])
  expect(synthesis.pipeline({ branch: 'main', variables: { LINT: '1' } }).jobs).toMatchObject([
    { name: 'lint', because: '$LINT', source: { line: 2 } },
    { name: 'unit', needs: ['lint'], source: { line } },
  ])
  expect(synthesis.explain('lint')).toMatchObject([{ kind: 'main', exists: 'sometimes' }])
  // The file on disk stays as it is: GitLab includes it.
  expect(synthesis.files[0]?.text).toContain('include:\n  - {local: /ci/more.yml}\n')
  expect(Object.keys(synthesis.document.jobs)).toEqual(['unit'])
})

test('a pipeline that publishes nothing needs no acceptance of its files', () => {
  const app = new App({ include })
  new Job(app, 'unit', { on: new PipelineKind(app, 'main', { when: Condition.branch('main') }), script: ['unit'] })
  expect(app.synth().issues).toEqual([])
})

test('a job outside the gate, with a reason, may start a pipeline that publishes', () => {
  const { app, tagged } = emptyRelease()
  const exempt = { publishes: 'an image', because: 'it has a gate of its own' }
  new Job(app, 'images', { on: tagged, trigger: { include: 'ci/more.yml', strategy: 'depend' }, exempt })
  const issues = app.synth(reading('push: {script: [push $PUBLIC_TOKEN]}')).issues
  expect(issues.filter(({ code }) => code.startsWith('secrets/'))).toEqual([])
})
