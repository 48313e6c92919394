import { describe, expect, test } from 'vitest'
import {
  App,
  type AppProps,
  Condition,
  Deployment,
  Job,
  PackageTarget,
  PipelineKind,
  PublicRepo,
  packagecloud,
  Release,
  Secret,
  StagingRepo,
  sentenceOf,
} from '../index.js'
import { reading, releaseWith, told as toldBy } from '../testing/child-release.js'
import { pinned } from '../testing/small-release.js'
import { beside } from './stages.js'

const theirs = `stages: [prepare, build, test, stage, seal, deploy, publish, verify]
include: [{local: /ci/release.yml}]
workflow:
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
    - if: $CI_COMMIT_TAG
    - if: $CI_COMMIT_BRANCH
unit: {stage: test, script: [make test]}
package-deb: {stage: build, script: [make deb], artifacts: {paths: [dist/]}}
`

const release = (props: AppProps = {}) => releaseWith({ workflow: 'theirs', ...props })

/** The issues of the release beside this root file. */
function told(root: string, app: App = release().app) {
  return toldBy(root, { app })
}

describe('a release beside a pipeline of the team’s own', () => {
  test('has no workflow, and is proved with the team’s', () => {
    const { app } = release()
    const synthesis = app.synth({ readLocal: reading(theirs) })
    expect(synthesis.issues.map(sentenceOf)).toEqual([])
    expect(synthesis.document.workflow).toEqual({})
    expect(synthesis.files[0]?.text).not.toMatch(/^(?:workflow|variables):/m)
    expect(synthesis.document.jobs['package-deb']).toBeUndefined()
    expect(synthesis.plan.releases[0]?.targets[0]?.jobs.build).toBe('package-deb')
  })

  test('runs for its tags, and changes no other pipeline', () => {
    const { app } = release()
    const synthesis = app.synth({ readLocal: reading(theirs) })
    const tag = synthesis.pipeline({ tag: 'v1.2', protected: true })
    expect([tag.kind, tag.manual]).toEqual(['release', ['publish: [ubuntu/jammy]']])
    expect(tag.waitsFor('publish: [ubuntu/jammy]')).toEqual(expect.arrayContaining(['deploy: [production]', 'seal', 'package-deb']))
    for (const event of [{ branch: 'main' }, { mergeRequest: 'x' }, { tag: 'other' }])
      expect(synthesis.pipeline(event).names()).toEqual(['unit', 'package-deb'])
    expect(synthesis.pipeline({ tag: 'v1.2' }).names()).toEqual(['refused', 'unit', 'package-deb'])
  })

  test('gives each job the variables of its kind', () => {
    const { app } = release()
    const rules = app.synth().document.jobs['seal']?.['rules']
    expect(rules).toMatchObject([{ variables: { STAGEGATE_KIND: 'release', EDITION: 'ee' } }])
  })

  test('has jobs by hand with cases of their own, in their kinds alone', () => {
    const { app, tagged } = release()
    const branch = new PipelineKind(app, 'branch', { when: Condition.branch('main') })
    new Job(app, 'bench', { on: [tagged, branch], script: ['x'], rules: [{ if: '$BENCH == "1"', manual: 'optional' }] })
    const synthesis = app.synth({ readLocal: reading(theirs) })
    expect(synthesis.pipeline({ branch: 'main', variables: { BENCH: '1' } }).manual).toEqual(['bench'])
    expect(synthesis.pipeline({ branch: 'other', variables: { BENCH: '1' } }).names('bench')).toEqual([])
  })
})

describe('several kinds that publish', () => {
  const sources = ['merge_request_event', 'schedule', 'web', 'pipeline', 'api', 'chat']
  const workflow = [
    ...sources.map((source) => `$CI_PIPELINE_SOURCE == "${source}"`),
    '$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH',
    '$CI_COMMIT_TAG',
  ]

  test.each([1, 2, 4, workflow.length])('are proved behind a workflow with %i rules', (count) => {
    const app = new App({ ...pinned, workflow: 'theirs', output: 'ci/release.yml' })
    const at = (name: string) => ({ at: packagecloud(`acme/${name}`, { token: Secret.variable(`${name.toUpperCase()}_TOKEN`) }) })
    const staging = new StagingRepo(app, 'staging', at('staging'))
    const kinds = ['alpha', 'beta', 'rc'].map(
      (word) => new PipelineKind(app, word, { when: Condition.tag(new RegExp(`^v(?<version>\\d+\\.\\d+-${word}\\d+)$`)) }),
    )
    const final = new PipelineKind(app, 'final', { when: Condition.tag(/^v(?<version>\d+\.\d+)$/) })
    const unstable = new PublicRepo(app, 'unstable', at('unstable'))
    const stable = new PublicRepo(app, 'stable', at('stable'))
    const routes = [
      { on: kinds, staging, public: unstable },
      { on: final, staging, public: stable },
    ]
    const made = new Release(app, 'acme', { routes })
    new PackageTarget(made, 'ubuntu/jammy', { build: { job: 'package-deb' }, packages: 'dist/*.deb' })
    const tests = new Deployment(made, 'tests', { script: ['./test'], environment: 'tests' })
    new Deployment(made, 'production', { on: final, script: ['./deploy'], environment: 'production', after: [tests] })
    const rules = workflow.slice(-count).map((condition) => `    - if: ${condition}\n`)
    const root = theirs.replace(/(?<=^workflow:\n {2}rules:\n)(?: {4}.*\n)*/m, rules.join(''))
    expect(told(root, app)).toEqual([])
  })
})

test.each([
  ['package images', []],
  ['nowhere', [expect.stringMatching(/^error structure\/unknown-stage: .*nowhere/), expect.stringContaining('structure/root-stages')]],
])('a job of the release can be in a stage of the team’s: %s', (stage, issues) => {
  const { app, tagged } = release()
  new Job(app, 'pictures', { on: tagged, stage, script: ['make image'], needs: [{ name: 'package-deb' }] })
  expect(told(theirs.replace('build, test', 'build, package images, test'), app)).toEqual(issues)
})

describe('the root file', () => {
  test.each([
    [
      'does not include it',
      theirs.replace(/^include.*$/m, ''),
      ['warning structure/not-included: .gitlab-ci.yml does not include ci/release.yml, so nothing of it runs'],
    ],
    [
      'lacks stages',
      theirs.replace(/^stages.*$/m, 'stages: [build, test, deploy]'),
      ['error structure/root-stages: .gitlab-ci.yml sets its own stages, so GitLab ignores those of ci/release.yml'],
    ],
    ['has no stages of its own', theirs.replace(/^stages.*$/m, ''), []],
    ['has a job that takes the token', `${theirs}leak: {stage: test, script: ['push $PUBLIC_TOKEN']}\n`, ['secrets/']],
    ['takes the place of a gate', `${theirs}'deploy: [production]': {stage: deploy, script: [exit 0]}\n`, ['structure/redefined']],
    ['lets a gate fail', `${theirs}seal: {allow_failure: true}\n`, ['gate/open']],
    ['has a template that is not read', theirs.replace('include: [', 'include: [{project: g/p, file: x.yml}, '), ['gate/include']],
    [
      'has a job that takes the token wherever no kind is told',
      `${theirs}leak: {stage: test, rules: [{if: $STAGEGATE_KIND == null}], script: ['push $PUBLIC_TOKEN']}\n`,
      ['secrets/'],
    ],
    ['replaces a gate where no kind is told', `${theirs}seal: {rules: [{if: $STAGEGATE_KIND}]}\n`, ['structure/redefined', 'kinds/']],
    ['is refused by GitLab', theirs.replace('script: [make test]', 'script: 7'), ['gitlab/refused']],
    [
      'ends tag pipelines for the build alone',
      theirs.replace('package-deb: {', 'package-deb: {rules: [{if: $CI_COMMIT_BRANCH}], '),
      ['kinds/producer-absent'],
    ],
  ])('%s', (_, root, expected) => {
    const found = told(root)
    if (expected.length === 0) expect(found).toEqual([])
    for (const one of expected) expect(found.filter((issue) => issue.includes(one))).not.toEqual([])
  })

  describe('with a release of many targets, whose jobs extend hidden ones', () => {
    const many = (props: AppProps = {}) => {
      const { app, made } = release(props)
      for (let version = 1; version <= 5; version++)
        new PackageTarget(made, `el/${version}`, { build: { job: 'package-deb' }, packages: 'dist/*.rpm' })
      return app
    }
    const part = '.stagegate:publish'

    test('is proved as it is', () => {
      const app = many()
      expect(told(theirs, app)).toEqual([])
      const synthesis = app.synth({ readLocal: reading(theirs) })
      expect(synthesis.files[0]?.text).toMatch(/^\.stagegate:publish:rules:$/m)
      // Nobody has to know how the file is written.
      expect(synthesis.whole.jobs['publish: [el/1]']).toEqual(synthesis.document.jobs['publish: [el/1]'])
      expect(Object.keys(synthesis.whole.jobs).filter((name) => name.startsWith('.'))).toEqual([])
    })

    test.each([
      ['changes a hidden job', `${part}: {timeout: 1 hour}`, [`also has a job ${part}`]],
      [
        'opens a gate in one',
        `${part}:rules: {rules: [{if: $CI_COMMIT_TAG}]}`,
        [`also has a job ${part}:rules`, 'in the kind release, publish: [el/1]'],
      ],
      [
        'brings code into one',
        `${part}: {before_script: [./peek]}`,
        [`also has a job ${part}`, 'publish: [el/1] has a credential, and before_script'],
      ],
      ['takes the hidden jobs away from one', `'publish: [el/1]': {extends: .theirs}\n.theirs: {image: other}`, ['publish: [el/1]']],
    ])('%s', (_, more, expected) => {
      const found = told(`${theirs}${more}\n`, many())
      expect(found.filter((issue) => issue.startsWith('error'))).not.toEqual([])
      for (const one of expected) expect(found.join('\n')).toContain(one)
    })

    test('is judged whole where GitLab refuses the root file', () => {
      const found = told(theirs.replace('script: [make test]', 'script: 7'), many())
      expect(found).toEqual([expect.stringContaining('gitlab/refused')])
    })
  })

  test('whose pipelines would all end is warned of', () => {
    const { app } = release({ workflow: undefined })
    expect(told(theirs.replace(/workflow:.*?(?=unit)/s, ''), app).join('\n')).toContain(
      'so .gitlab-ci.yml starts no other pipelines any more',
    )
    expect(told(theirs, app).join('\n')).toContain('so no pipeline gets a kind')
  })
})

test.each([
  [
    ['build', 'test', 'deploy'],
    ['prepare', 'build', 'stage', 'seal', 'deploy', 'publish'],
    ['prepare', 'build', 'test', 'stage', 'seal', 'deploy', 'publish'],
  ],
  [[], ['a', 'b'], ['a', 'b']],
  [['x'], ['a'], ['x', 'a']],
  [
    ['deploy', 'build'],
    ['build', 'stage', 'deploy'],
    ['stage', 'deploy', 'build'],
  ],
])('stages %j beside %j', (theirStages, ours, merged) => {
  expect(beside(theirStages, ours)).toEqual(merged)
})
