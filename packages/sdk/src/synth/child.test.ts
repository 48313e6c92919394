import { describe, expect, test } from 'vitest'
import { type AppProps, sentenceOf } from '../index.js'
import { childRelease, reading, theirs, told } from '../testing/child-release.js'

describe('a release as a child pipeline', () => {
  test('has a workflow of its own, and takes the artifacts of the parent’s build', () => {
    const { app } = childRelease()
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
    const synthesis = childRelease().app.synth({ readLocal: reading(theirs) })
    const tag = synthesis.pipeline({ tag: 'v1.2', protected: true })
    expect([tag.kind, tag.manual]).toEqual(['release', ['publish: [ubuntu/jammy]']])
    expect(tag.waitsFor('publish: [ubuntu/jammy]')).toEqual(expect.arrayContaining(['deploy: [production]', 'seal', 'prepare']))
    expect(synthesis.pipeline({ tag: 'v1.2' }).names()).toEqual(['refused'])
    expect(synthesis.pipeline({ branch: 'main' }).kind).toBeUndefined()
  })

  test('is in the runbook as what it is', () => {
    const { files } = childRelease().app.synth({ readLocal: reading(theirs) })
    expect(files.find(({ path }) => path === 'ci/RELEASING.md')?.text).toContain('the child pipeline that the job `release` starts')
  })

  test('says that the parent was not checked, if it cannot be read', () => {
    expect(childRelease().app.synth().issues.map(sentenceOf).join('\n')).toContain('the file that starts ci/release.yml was not read')
  })
})

test.each<[string, AppProps]>([
  ['the root file as its output', { output: '.gitlab-ci.yml' }],
  ['somebody else’s workflow', { workflow: 'theirs' }],
  ['an empty name', { startedBy: { job: '' } }],
])('a child pipeline cannot have %s', (_, props) => {
  expect(() => childRelease(props)).toThrow(TypeError)
})

describe('the parent', () => {
  const starter = (by: string) => theirs.replace(/ {2}variables: \{PARENT.*\n/, by)
  test.each<[string, string, readonly string[]]>([
    [
      'has no such job',
      theirs.replace('release:\n  stage', 'ship:\n  stage'),
      ['error child/not-started: the job release of .gitlab-ci.yml does not start ci/release.yml; ship does'],
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
    [
      'has no such build',
      theirs.replaceAll('package-deb', 'package'),
      ['error child/no-build: the child pipeline takes artifacts from the job package-deb'],
    ],
    [
      'has a build that a variable can take out, so that GitLab refuses the pipeline',
      theirs.replace('package-deb: {', 'package-deb: {rules: [{if: $SKIP, when: never}, {when: on_success}], '),
      ['warning kinds/producer-absent: in the kind release the job release needs package-deb, which is missing where $SKIP excludes it'],
    ],
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
