import { describe, expect, test } from 'vitest'
import { App, type AppProps, Condition, Job, type JobProps, PipelineKind, sentenceOf } from '../../index.js'
import { pinned, smallRelease } from '../../testing/small-release.js'

function told(gitlab: string | undefined, props: Partial<JobProps>, ofApp: AppProps = {}): readonly string[] {
  const app = new App({ gitlab, ...ofApp })
  new PipelineKind(app, 'main', { when: Condition.branch('main') })
  const work = props.trigger === undefined && props.run === undefined ? { script: ['x'] } : {}
  for (const name of ['one', 'two']) new Job(app, name, { ...work, ...props })
  return app.synth().issues.map((issue) => `${issue.path}: ${sentenceOf(issue)}`)
}

describe('what the oldest GitLab to support does not know is refused, once', () => {
  test.each<[string | undefined, Partial<JobProps>, readonly string[]]>([
    [undefined, { manualConfirmation: 'Sure?' }, []],
    ['>=17.0', { manualConfirmation: 'Sure?' }, ['one: manual_confirmation came with GitLab 17.1, and 17.0 is to be supported']],
    [
      undefined,
      { trigger: { project: 'a/b', inputs: { x: 1 }, strategy: 'depend' } },
      ['one: trigger.inputs came with GitLab 17.11, and 17.5 is to be supported'],
    ],
    ['>=17.11', { trigger: { project: 'a/b', inputs: { x: 1 }, strategy: 'depend' } }, []],
    [
      '>=18.1',
      { trigger: { include: [{ local: 'a.yml', inputs: { x: 1 } }], strategy: 'mirror' } },
      ['one: trigger.strategy: mirror came with GitLab 18.2, and 18.1 is to be supported'],
    ],
    [
      undefined,
      { retry: { max: 1, when: ['runner_interrupted', 'script_failure'] } },
      ['one: retry.when: runner_interrupted came with GitLab 19.1, and 17.5 is to be supported'],
    ],
    [
      '>=18.11',
      { retry: { max: 1, when: 'stuck_pending_no_matching_runners' } },
      ['one: retry.when: stuck_pending_no_matching_runners came with GitLab 19.0, and 18.11 is to be supported'],
    ],
    [
      '>=19.0',
      { retry: { max: 1, when: ['server_timeout_running', 'runner_configuration_error'] } },
      ['one: retry.when: runner_configuration_error came with GitLab 19.1, and 19.0 is to be supported'],
    ],
    [
      '>=19.1',
      { rules: [{ changes: { regexp: 'src/.*' } }, { exists: { regexp: 'x' } }] },
      ['changes', 'exists'].map((keyword) => `one: rules.${keyword}.regexp came with GitLab 19.2, and 19.1 is to be supported`),
    ],
    ['>=19.2', { rules: [{ changes: { regexp: 'src/.*' } }], retry: { max: 1, when: 'runner_interrupted' } }, []],
    [undefined, { retry: { max: 1, when: ['script_failure'], exitCodes: [4] }, artifacts: { access: 'developer' } }, []],
    ['>=16.0', { retry: { max: 1, exitCodes: [4] } }, ['one: retry.exit_codes came with GitLab 16.11, and 16.0 is to be supported']],
    [
      undefined,
      { services: [{ name: 'x', kubernetes: { user: '1001' } }] },
      ['one: services.kubernetes came with GitLab 18.0, and 17.5 is to be supported'],
    ],
  ])('%s %j', (gitlab, props, expected) => {
    expect(told(gitlab, props)).toEqual(expected)
  })

  test('in the keywords of the whole pipeline, and in its defaults', () => {
    const include = [{ remote: 'https://acme.example/ci.yml', integrity: `sha256-${'a'.repeat(43)}=` }]
    expect(told(undefined, {}, { include, default: { image: { name: 'x', kubernetes: { user: '1001' } } } })).toEqual([
      ': include.integrity came with GitLab 17.9, and 17.5 is to be supported',
      ': image.kubernetes came with GitLab 18.0, and 17.5 is to be supported',
    ])
  })

  test('and a release, which needs GitLab 16.11', () => {
    const { app } = smallRelease({ ...pinned, gitlab: '>=16.10' })
    expect(app.synth().issues.map(sentenceOf)).toEqual(
      ['workflow.rules.auto_cancel', 'retry.exit_codes', 'artifacts.access'].map(
        (keyword) => `${keyword} came with GitLab 16.11, and 16.10 is to be supported`,
      ),
    )
    expect(smallRelease({ ...pinned, gitlab: '>=16.11' }).app.synth().issues).toEqual([])
  })
})
