import { describe, expect, test } from 'vitest'
import {
  App,
  type AppProps,
  Condition,
  ContainerImage,
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
import { pinned } from '../testing/small-release.js'

const theirs = `stages: [build, test, release]
workflow:
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
    - if: $CI_COMMIT_TAG
    - if: $CI_COMMIT_BRANCH
unit: {stage: test, script: [make test]}
package-deb: {stage: build, script: [make deb], artifacts: {paths: [dist/]}}
release:
  stage: release
  needs: [package-deb]
  variables: {PARENT_PIPELINE_ID: $CI_PIPELINE_ID}
  trigger: {include: ci/release.yml, strategy: depend}
  rules: [{if: '$CI_COMMIT_TAG =~ /^v\\d+\\.\\d+$/'}]
`

function release(props: AppProps = {}) {
  const app = new App({ ...pinned, output: 'ci/release.yml', startedBy: { job: 'release' }, ...props })
  const tagged = new PipelineKind(app, 'release', { when: Condition.tag(/^v(?<version>\d+\.\d+)$/), variables: { EDITION: 'ee' } })
  const staging = new StagingRepo(app, 'staging', { at: packagecloud('acme/staging', { token: Secret.variable('STAGING_TOKEN') }) })
  const stable = new PublicRepo(app, 'stable', { at: packagecloud('acme/stable', { token: Secret.variable('PUBLIC_TOKEN') }) })
  const made = new Release(app, 'acme', { routes: [{ on: tagged, staging, public: stable }] })
  new PackageTarget(made, 'ubuntu/jammy', { build: { job: 'package-deb' }, packages: 'dist/*.deb' })
  new Deployment(made, 'production', { script: ['./deploy'], environment: 'production' })
  return { app, tagged, made }
}

const reading =
  (root: string, files: Readonly<Record<string, string>> = {}) =>
  (path: string) =>
    path === '.gitlab-ci.yml' ? root : files[path]

/** The issues of the release that is started by this root file. */
function told(
  root: string,
  { app = release().app, files = {} }: { readonly app?: App; readonly files?: Readonly<Record<string, string>> } = {},
) {
  const { issues } = app.synth({ readLocal: reading(root, files) })
  return issues.map((issue) => `${issue.severity} ${issue.code}: ${sentenceOf(issue)}`)
}

describe('a release as a child pipeline', () => {
  test('has a workflow of its own, and takes the artifacts of the parent’s build', () => {
    const { app } = release()
    const synthesis = app.synth({ readLocal: reading(theirs) })
    expect(synthesis.issues.map(sentenceOf)).toEqual([])
    expect(synthesis.document.workflow['rules']).toHaveLength(2)
    expect(synthesis.document.jobs['package-deb']).toBeUndefined()
    expect(synthesis.document.jobs['stage: [ubuntu/jammy]']?.['needs']).toEqual([
      'prepare',
      { pipeline: '$PARENT_PIPELINE_ID', job: 'package-deb' },
    ])
    expect(synthesis.plan.releases[0]?.targets[0]?.jobs.build).toBe('package-deb')
    expect(synthesis.files[0]?.path).toBe('ci/release.yml')
  })

  test('runs for its tags alone', () => {
    const synthesis = release().app.synth({ readLocal: reading(theirs) })
    const tag = synthesis.pipeline({ tag: 'v1.2', protected: true })
    expect([tag.kind, tag.manual]).toEqual(['release', ['publish: [ubuntu/jammy]']])
    expect(tag.waitsFor('publish: [ubuntu/jammy]')).toEqual(expect.arrayContaining(['deploy: [production]', 'seal', 'prepare']))
    expect(synthesis.pipeline({ tag: 'v1.2' }).names()).toEqual(['refused'])
    expect(synthesis.pipeline({ branch: 'main' }).kind).toBeUndefined()
  })

  test('is in the runbook as what it is', () => {
    const { files } = release().app.synth({ readLocal: reading(theirs) })
    expect(files.find(({ path }) => path === 'ci/RELEASING.md')?.text).toContain('the child pipeline that the job `release` starts')
  })

  test('says that nobody has looked at the parent, where there is none to read', () => {
    expect(release().app.synth().issues.map(sentenceOf).join('\n')).toContain('the file that starts ci/release.yml was not read')
  })
})

test.each<[string, AppProps]>([
  ['the root file as its output', { output: '.gitlab-ci.yml' }],
  ['somebody else’s workflow', { workflow: 'theirs' }],
  ['an empty name', { startedBy: { job: '' } }],
])('a child pipeline cannot have %s', (_, props) => {
  expect(() => release(props)).toThrow(TypeError)
})

describe('the parent', () => {
  const starter = (by: string) => theirs.replace(/ {2}variables: \{PARENT.*\n/, by)
  test.each<[string, string, readonly string[]]>([
    [
      'has no such job',
      theirs.replace('release:\n  stage', 'ship:\n  stage'),
      ['warning child/not-started: the job release of .gitlab-ci.yml does not start ci/release.yml; ship does'],
    ],
    ['starts nothing', theirs.replace(/release:\n[\s\S]*/, ''), ['warning child/not-started']],
    ['tells no number', starter(''), ['error child/parent-id']],
    [
      'tells a wrong number',
      starter('  variables: {PARENT_PIPELINE_ID: $CI_JOB_ID}\n'),
      ['error child/parent-id: the job release forwards $CI_JOB_ID'],
    ],
    [
      'keeps its variables for itself',
      theirs.replace('strategy: depend', 'strategy: depend, forward: {yaml_variables: false}'),
      ['error child/parent-id'],
    ],
    [
      'starts it for tags that are no release',
      theirs.replace(/rules: \[\{if: '.*/, 'rules: [{if: $CI_COMMIT_TAG}]'),
      ['warning child/no-kind'],
    ],
    [
      'never starts it for a release',
      theirs.replace(/rules: \[\{if: '.*/, 'rules: [{if: $CI_COMMIT_BRANCH}]'),
      ['error child/never-started', 'warning child/no-kind'],
    ],
    ['has no pipeline for a release', theirs.replace('    - if: $CI_COMMIT_TAG\n', ''), ['error child/never-started']],
    ['has no such build', theirs.replaceAll('package-deb', 'package'), ['error child/no-build: .gitlab-ci.yml has no job package-deb']],
    ['makes copies of the build', theirs.replace('package-deb: {', 'package-deb: {parallel: 2, '), ['error child/no-build']],
    [
      'does not wait for the build',
      theirs.replace('needs: [package-deb]', 'needs: []'),
      [
        'error child/build-late: in the kind release release can start the child pipeline before package-deb has succeeded: nothing makes it wait for package-deb',
      ],
    ],
    [
      'waits for a build that may fail',
      theirs.replace('package-deb: {', 'package-deb: {allow_failure: true, '),
      ['error child/build-late'],
    ],
    ['waits for the build by the order of stages', theirs.replace('  needs: [package-deb]\n', ''), []],
    [
      'waits for a click on the build by the order of stages',
      theirs.replace('  needs: [package-deb]\n', '').replace('package-deb: {', 'package-deb: {when: manual, '),
      ['error child/build-late'],
    ],
    [
      'has a build that writes where the command lies',
      theirs.replace('paths: [dist/]', 'paths: [dist/, .stagegate/]'),
      ['error isolation/overlap'],
    ],
    ['has a build without artifacts', theirs.replace(', artifacts: {paths: [dist/]}', ''), ['error child/no-artifacts']],
    [
      'keeps the artifacts for an hour',
      theirs.replace('paths: [dist/]', 'paths: [dist/], expire_in: 1 hour'),
      ['warning child/build-expires'],
    ],
    [
      'starts it by a click, and keeps the artifacts for a week',
      theirs.replace('paths: [dist/]', 'paths: [dist/], expire_in: 1 week').replace(/}\]\n$/, ', when: manual}]\n'),
      ['warning child/build-expires'],
    ],
    ['starts it without waiting', theirs.replace(', strategy: depend', ''), []],
    ['is refused by GitLab', theirs.replace('script: [make test]', 'script: 7'), ['error gitlab/refused']],
    [
      'is cancelled by a failure',
      theirs.replace('workflow:\n', 'workflow:\n  auto_cancel: {on_job_failure: all}\n'),
      ['warning child/cancelled'],
    ],
    [
      'holds a lock of the child',
      theirs.replace('release:\n  stage', 'release:\n  resource_group: public/stable/ubuntu/jammy\n  stage'),
      ['error child/same-lock'],
    ],
  ])('%s', (_, root, expected) => {
    const found = told(root)
    for (const one of expected) expect(found.filter((issue) => issue.includes(one))).not.toEqual([])
    expect(found, found.join('\n')).toHaveLength(expected.length)
  })
})

describe('the proof stands against', () => {
  const more = (jobs: string) => theirs + jobs
  const forwarding = (name: string, value = 'x') =>
    theirs.replace('{PARENT_PIPELINE_ID: $CI_PIPELINE_ID}', `{PARENT_PIPELINE_ID: $CI_PIPELINE_ID, ${name}: '${value}'}`)
  test.each<[string, string, readonly string[]]>([
    ['a forwarded kind', forwarding('STAGEGATE_KIND', 'release'), ['error child/forwards']],
    ['a forwarded repository', forwarding('STAGEGATE_REPOSITORY', 'stable'), ['error child/forwards']],
    ['a forwarded variable of a kind', forwarding('EDITION'), ['error child/forwards']],
    ['a forwarded tag', forwarding('CI_COMMIT_TAG', 'v1.2'), ['error child/forwards']],
    ['a forwarded protection', forwarding('CI_COMMIT_REF_PROTECTED', 'true'), ['error child/forwards', 'error gate/open']],
    ['forwarded options of Node', forwarding('NODE_OPTIONS', '--require ./x'), ['error child/forwards', 'isolation/variable']],
    ['a forwarded strategy of the whole pipeline', `${theirs}variables: {GIT_STRATEGY: clone}\n`, ['error child/forwards']],
    [
      'a variable of the workflow that is forwarded',
      theirs.replace('    - if: $CI_COMMIT_TAG\n', '    - {if: $CI_COMMIT_TAG, variables: {GIT_STRATEGY: clone}}\n'),
      ['error child/forwards'],
    ],
    [
      'a variable of a rule that is forwarded',
      theirs.replace(/rules: \[\{if: ('.*')\}\]/, 'rules: [{if: $1, variables: {STAGEGATE_KIND: x}}]'),
      ['error child/forwards'],
    ],
    ['a forwarded question', `${theirs}variables: {EDITION: {value: ee, description: Which?}}\n`, ['error child/forwards']],
    ['a variable of the parent with the credential', `${theirs}variables: {T: $PUBLIC_TOKEN}\n`, ['error secrets/renamed']],
    [
      'a child whose file a job writes',
      more('made: {stage: test, trigger: {include: [{artifact: x.yml, job: package-deb}]}}\n'),
      ['warning gate/include'],
    ],
    ['a forwarded credential', forwarding('MINE', '$PUBLIC_TOKEN'), ['error secrets/reachable']],
    [
      'all variables of whoever starts the parent',
      theirs.replace('strategy: depend', 'strategy: depend, forward: {pipeline_variables: true}'),
      ['warning child/forwards-all'],
    ],
    ['a job of the parent with the credential', more("leak: {stage: test, script: ['push $PUBLIC_TOKEN']}\n"), ['error secrets/reachable']],
    [
      'a job of the parent with the name of one of ours',
      more("'publish: [ubuntu/jammy]': {stage: test, script: ['push $PUBLIC_TOKEN']}\n"),
      ['error secrets/reachable'],
    ],
    [
      'a job of the parent in the public environment',
      more('leak: {stage: test, environment: public/stable, script: [x]}\n'),
      ['error secrets/reachable'],
    ],
    [
      'a trigger in the public environment',
      theirs.replace('release:\n  stage', 'release:\n  environment: public/stable\n  stage'),
      ['error secrets/reachable'],
    ],
    [
      'a job of the parent that publishes by hand',
      more("push: {stage: test, when: manual, allow_failure: false, script: ['package_cloud push acme/stable/ubuntu/jammy x.deb']}\n"),
      ['warning gate/undeclared'],
    ],
    [
      'a job after the release that publishes',
      more("after: {stage: release, needs: [release], script: ['push $PUBLIC_TOKEN']}\n"),
      ['error secrets/reachable'],
    ],
    ['two triggers', more(`again:\n${theirs.slice(theirs.indexOf('release:\n') + 'release:\n'.length)}`), ['error child/started-twice']],
    [
      'a trigger with copies',
      theirs.replace('release:\n  stage', 'release:\n  parallel: {matrix: [{A: [x, y]}]}\n  stage'),
      ['warning child/not-started'],
    ],
    ['an include beside the trigger', `include: [{local: /ci/release.yml}]\n${theirs}`, ['error child/started-twice']],
    [
      'a trigger in merge requests',
      theirs.replace(/rules: \[\{if: '(.*)'\}\]/, "rules: [{if: $CI_PIPELINE_SOURCE == 'merge_request_event'}, {if: '$1'}]"),
      ['warning child/no-kind'],
    ],
    [
      'a build whose rules take it out',
      theirs.replace('package-deb: {', 'package-deb: {rules: [{if: $CI_COMMIT_BRANCH}], '),
      ['error child/build-late'],
    ],
    [
      'a build whose files take it out',
      theirs.replace('package-deb: {', 'package-deb: {rules: [{changes: [src/*]}], ').replace('  needs: [package-deb]\n', ''),
      ['error child/build-late'],
    ],
    ['a template that nobody reads', `include: [{project: g/p, file: x.yml}]\n${theirs}`, ['warning gate/include']],
    [
      'inputs that the child does not declare',
      theirs.replace('{include: ci/release.yml,', '{include: [{local: ci/release.yml, inputs: {who: me}}],'),
      ['error structure/child'],
    ],
  ])('%s', (_, root, expected) => {
    const found = told(root)
    for (const one of expected) expect(found.filter((issue) => issue.includes(one))).not.toEqual([])
    if (expected.every((one) => !one.startsWith('warning'))) expect(found.filter((issue) => issue.startsWith('error'))).not.toEqual([])
  })

  test('a file that the trigger merges with the child', () => {
    const files = { 'ci/evil.yml': 'seal: {script: [exit 0]}\n' }
    const found = told(theirs.replace('include: ci/release.yml', 'include: [ci/release.yml, ci/evil.yml]'), { files })
    expect(found).toEqual([expect.stringContaining('error child/merged: the job release starts ci/release.yml together with ci/evil.yml')])
  })

  test('another child with the credential', () => {
    const found = told(`${theirs}other: {stage: test, trigger: {include: ci/other.yml}}\n`, {
      files: { 'ci/other.yml': 'x: {script: ["push $PUBLIC_TOKEN"]}\n' },
    })
    expect(found).toEqual([expect.stringContaining('error secrets/in-child')])
  })

  test('a child’s child that starts another one', () => {
    const { app, made } = release()
    new Deployment(made, 'checks', { trigger: { include: 'ci/checks.yml' } })
    const files = { 'ci/checks.yml': 'below: {trigger: {include: ci/below.yml, strategy: depend}}\n', 'ci/below.yml': 'x: {script: [x]}\n' }
    expect(told(theirs, { app, files })).toEqual([expect.stringContaining('error child/too-deep')])
    const flat = release()
    new Deployment(flat.made, 'checks', { trigger: { include: 'ci/checks.yml' } })
    expect(told(theirs, { app: flat.app, files: { 'ci/checks.yml': 'x: {script: [x]}\n' } })).toEqual([])
  })

  test('a kind that asks for a source', () => {
    const { app } = release()
    const nightly = new PipelineKind(app, 'nightly', { when: Condition.schedule() })
    new Job(app, 'sweep', { on: nightly, script: ['x'] })
    expect(told(theirs, { app })).toEqual([expect.stringContaining('error child/source: no pipeline is of the kind nightly')])
  })

  test('an image that a build of the parent pushes', () => {
    const { app, made } = release()
    new ContainerImage(made, 'server', { build: { job: 'package-deb' } })
    expect(told(theirs, { app }).join('\n')).toContain('error child/image')
  })
})
