import { describe, expect, test } from 'vitest'
import {
  App,
  audit,
  Condition,
  ContainerImage,
  Deployment,
  gitlabPackages,
  gitlabRelease,
  Job,
  PackageTarget,
  PipelineKind,
  PublicRepo,
  Release,
  StagingRepo,
} from '../index.js'
import { childRelease, reading, theirs, told } from '../testing/child-release.js'
import { pinned } from '../testing/small-release.js'

/** The audit of the root file, with the child as it is rendered. */
function audited(root: string) {
  const { files, plan } = childRelease().app.synth({ readLocal: reading(theirs) })
  const child = files.find(({ path }) => path === 'ci/release.yml')?.text
  return audit(root, { plan, readLocal: (path) => (path === 'ci/release.yml' ? child : undefined) })
}

test('the audit of the parent proves the same on the text', () => {
  expect(audited(theirs)).toMatchObject({ ok: true, gate: 'holds', gates: ['seal', 'deploy: [production]'] })
  expect(audited(theirs).findings).toEqual([])
})

describe('the proof withstands', () => {
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
      ['error child/not-started'],
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
    // A way to the public is open in the audit, too.
    if (expected.some((one) => /^error (?:gate|secrets)/.test(one))) expect(audited(root).gate).toBe('open')
  })

  test('a file that the trigger merges with the child', () => {
    const files = { 'ci/evil.yml': 'seal: {script: [exit 0]}\n' }
    const found = told(theirs.replace('include: ci/release.yml', 'include: [ci/release.yml, ci/evil.yml]'), { files })
    expect(found).toEqual([expect.stringContaining('error child/merged: the job release starts ci/release.yml together with ci/evil.yml')])
  })

  test('a trigger of which pipeline.ts says nothing', () => {
    const { app } = childRelease({ startedBy: undefined, workflow: 'theirs' })
    expect(told(theirs, { app })).toContainEqual(expect.stringContaining('error child/unsaid: the job release of .gitlab-ci.yml starts'))
    expect(told(theirs, { app }).join('\n')).not.toContain('nothing of it runs')
  })

  test('a parent that is no YAML', () => {
    expect(told('release: [')).toEqual([expect.stringContaining('error gitlab/refused')])
  })

  test('another child with the credential', () => {
    const found = told(`${theirs}other: {stage: test, trigger: {include: ci/other.yml}}\n`, {
      files: { 'ci/other.yml': 'x: {script: ["push $PUBLIC_TOKEN"]}\n' },
    })
    expect(found).toEqual([expect.stringContaining('error secrets/in-child')])
  })

  test.each([
    "early: {stage: test, script: ['glab release create v1 dist/*']}\n",
    'early: {stage: test, script: [make], release: {tag_name: v1, description: x}}\n',
  ])('a job of the parent that makes a release where the project’s own page is public: %s', (job) => {
    const app = new App({ ...pinned, output: 'ci/release.yml', startedBy: { job: 'release' }, project: { path: 'acme/hello' } })
    const tagged = new PipelineKind(app, 'release', { when: Condition.tag(/^v(?<version>\d+\.\d+)$/) })
    const page = new PublicRepo(app, 'page', { at: gitlabRelease(), trustsJobs: 'maintainers review what jobs run' })
    const routes = [{ on: tagged, staging: new StagingRepo(app, 'staging', { at: gitlabPackages() }), public: page }]
    new PackageTarget(new Release(app, 'acme', { routes }), 'ubuntu/jammy', { build: { job: 'package-deb' }, packages: 'dist/*.deb' })
    const root = theirs + job
    expect(told(root, { app })).toEqual([expect.stringContaining('warning gate/undeclared: the job early')])
    const { files, plan } = app.synth({ readLocal: reading(root) })
    const child = files.find(({ path }) => path === 'ci/release.yml')?.text
    const { findings } = audit(root, { plan, readLocal: (path) => (path === 'ci/release.yml' ? child : undefined) })
    expect(findings.map(({ code, job: at }) => `${code} ${at}`)).toEqual(['gate/undeclared early'])
  })

  test('a child’s child that starts another one', () => {
    const { app, made } = childRelease()
    new Deployment(made, 'checks', { trigger: { include: 'ci/checks.yml' } })
    const files = { 'ci/checks.yml': 'below: {trigger: {include: ci/below.yml, strategy: depend}}\n', 'ci/below.yml': 'x: {script: [x]}\n' }
    expect(told(theirs, { app, files })).toEqual([expect.stringContaining('error child/too-deep')])
    const flat = childRelease()
    new Deployment(flat.made, 'checks', { trigger: { include: 'ci/checks.yml' } })
    expect(told(theirs, { app: flat.app, files: { 'ci/checks.yml': 'x: {script: [x]}\n' } })).toEqual([])
  })

  test('a parent that a newer commit cancels, where branches are published', () => {
    const { app, staging, stable } = childRelease()
    const main = new PipelineKind(app, 'main', { when: Condition.branch('main'), version: { variable: 'VERSION' } })
    const other = new Release(app, 'other', { routes: [{ on: main, staging, public: stable }] })
    new PackageTarget(other, 'el/9', { build: { job: 'package-deb' }, packages: 'dist/*.rpm' })
    const root = theirs.replace(/rules: \[\{if: '(.*)'\}\]/, `rules: [{if: '$1'}, {if: '$CI_COMMIT_BRANCH == "main"'}]`)
    expect(told(root, { app })).toContainEqual(expect.stringContaining('warning child/cancelled: a newer commit'))
    const kept = root.replace('workflow:\n', 'workflow:\n  auto_cancel: {on_new_commit: none}\n')
    expect(told(kept, { app }).join('\n')).not.toContain('child/cancelled')
  })

  test('needs of a job of the parent that GitLab does not have', () => {
    const { app, tagged, made } = childRelease()
    const [build] = made.targets.map(({ jobs }) => jobs.build)
    if (build === undefined) throw new RangeError('Expected a target')
    new Job(app, 'look', { on: tagged, script: ['x'], needs: [{ job: build, optional: true }] })
    expect(told(theirs, { app })).toEqual([expect.stringContaining('error structure/value: needs.optional of the job look')])
    const other = childRelease()
    const [own] = other.made.targets.map(({ jobs }) => jobs.build)
    if (own === undefined) throw new RangeError('Expected a target')
    new Job(other.app, 'look', { on: other.tagged, script: ['x'], needs: [{ job: own, artifacts: false }] })
    expect(other.app.synth({ readLocal: reading(theirs) }).document.jobs['look']?.['needs']).toEqual([
      { pipeline: '$PARENT_PIPELINE_ID', job: 'package-deb', artifacts: false },
    ])
  })

  test('a stage that the parent alone has', () => {
    const { app, tagged } = childRelease()
    new Job(app, 'pictures', { on: tagged, stage: 'release', script: ['x'] })
    expect(told(theirs, { app })).toEqual([expect.stringContaining('error structure/unknown-stage')])
  })

  test('a kind that asks for a source', () => {
    const { app } = childRelease()
    const nightly = new PipelineKind(app, 'nightly', { when: Condition.schedule() })
    new Job(app, 'sweep', { on: nightly, script: ['x'] })
    expect(told(theirs, { app })).toEqual([expect.stringContaining('error child/source: no pipeline is of the kind nightly')])
  })

  test('an image that a build of the parent pushes', () => {
    const { app, made } = childRelease()
    new ContainerImage(made, 'server', { build: { job: 'package-deb' } })
    expect(told(theirs, { app }).join('\n')).toContain('error child/image')
  })
})
