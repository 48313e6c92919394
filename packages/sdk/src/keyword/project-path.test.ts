import { describe, expect, test } from 'vitest'
import { App, Condition, ContainerImage, Job, type JobProps, PackageTarget, PipelineKind, sentenceOf } from '../index.js'
import { emptyRelease, pinned } from '../testing/small-release.js'
import { projectPath } from './project-path.js'

test.each<[path: string, within: boolean]>([
  ['dist/*.deb', true],
  ['./dist', true],
  ['..dist/x', true],
  ['dist/..', true],
  ['dist/../x', true],
  ['dist/**/../x', true],
  ['$CI_PROJECT_DIR/dist', true],
  ['$DIR/../../x', true],
  ['/builds/acme/acme/dist', true],
  ['..', false],
  ['../x/*.deb', false],
  ['./../x', false],
  ['dist/../../x', false],
  ['*/../../x', false],
  ['$CI_PROJECT_DIR/../x', false],
  ['${CI_PROJECT_DIR}/dist/../../x', false],
  ['../$DIR', false],
])('%s is within the project: %j', (path, within) => {
  const problems: unknown[] = []
  projectPath.render(path, 'x', (problem) => problems.push(problem))
  expect(problems).toHaveLength(within ? 0 : 1)
})

const outside = '../x'
const places: readonly (readonly [keyword: string, props: Partial<JobProps>])[] = [
  ['artifacts.paths[0]', { artifacts: { paths: [outside] } }],
  ['artifacts.exclude[0]', { artifacts: { exclude: [outside] } }],
  ['artifacts.reports.junit', { artifacts: { reports: { junit: outside } } }],
  ['artifacts.reports.junit[1]', { artifacts: { reports: { junit: ['a', outside] } } }],
  ['artifacts.reports.accessibility', { artifacts: { reports: { accessibility: outside } } }],
  ['artifacts.reports.coverageReport.path', { artifacts: { reports: { coverageReport: { coverageFormat: 'jacoco', path: outside } } } }],
  ['cache.paths[0]', { cache: { paths: [outside] } }],
  ['cache[1].key.files[0]', { cache: [{ paths: ['a'] }, { key: { files: [outside] } }] }],
  ['pages.publish', { pages: { publish: outside } }],
]

describe('a path outside the project is refused', () => {
  test.each(places)('in %s of a job', (keyword, props) => {
    const app = new App(pinned)
    new PipelineKind(app, 'main', { when: Condition.branch('main') })
    new Job(app, 'work', { script: ['x'], ...props })
    expect(app.synth().issues.map(sentenceOf)).toEqual([
      `${keyword} of the job work is "../x", but should be a path inside the project, because GitLab keeps no others`,
    ])
  })

  test.each(places.filter(([keyword]) => /^(?:artifacts|cache)/.test(keyword) && keyword !== 'artifacts.paths[0]'))(
    'in %s of a build',
    (keyword, props) => {
      const { app, release } = emptyRelease()
      new PackageTarget(release, 'el/9', { build: { script: ['x'], ...(props as object) }, packages: 'dist/*' })
      expect(app.synth().issues.map(sentenceOf)).toEqual([expect.stringContaining(`${keyword} of the job build: [el/9] is "../x"`)])
    },
  )

  const { release } = emptyRelease()
  const build = { script: ['x'] }
  const shared = new Job(release, 'shared', { script: ['x'] })
  test.each<[string, () => unknown]>([
    ['packages', () => new PackageTarget(release, 'a/a', { build, packages: outside })],
    ['packages[1]', () => new PackageTarget(release, 'a/b', { build, packages: ['x', outside] })],
    ['packages', () => new PackageTarget(release, 'a/c', { build: shared, packages: outside })],
    ['layout', () => new ContainerImage(release, 'd', { build, layout: outside })],
  ])('in %s of a target', (property, make) => {
    expect(make).toThrow(`Expected a path inside the project, because GitLab keeps no others, in ${property}, got "../x"`)
  })
})
