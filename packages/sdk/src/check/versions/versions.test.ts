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

describe('a keyword that the oldest supported GitLab does not know is refused, once', () => {
  test.each<[string | undefined, Partial<JobProps>, readonly string[]]>([
    [undefined, { manualConfirmation: 'Sure?' }, []],
    ['>=17.0', { manualConfirmation: 'Sure?' }, ['one: manual_confirmation needs GitLab 17.1, but the app supports GitLab 17.0 too']],
    [
      undefined,
      { trigger: { project: 'a/b', inputs: { x: 1 }, strategy: 'depend' } },
      ['one: trigger.inputs needs GitLab 17.11, but the app supports GitLab 17.5 too'],
    ],
    ['>=17.11', { trigger: { project: 'a/b', inputs: { x: 1 }, strategy: 'depend' } }, []],
    [
      '>=18.1',
      { trigger: { include: [{ local: 'a.yml', inputs: { x: 1 } }], strategy: 'mirror' } },
      ['one: trigger.strategy: mirror needs GitLab 18.2, but the app supports GitLab 18.1 too'],
    ],
    [
      undefined,
      { retry: { max: 1, when: ['runner_interrupted', 'script_failure'] } },
      ['one: retry.when: runner_interrupted needs GitLab 19.1, but the app supports GitLab 17.5 too'],
    ],
    [
      '>=18.11',
      { retry: { max: 1, when: 'stuck_pending_no_matching_runners' } },
      ['one: retry.when: stuck_pending_no_matching_runners needs GitLab 19.0, but the app supports GitLab 18.11 too'],
    ],
    [
      '>=19.0',
      { retry: { max: 1, when: ['server_timeout_running', 'runner_configuration_error'] } },
      ['one: retry.when: runner_configuration_error needs GitLab 19.1, but the app supports GitLab 19.0 too'],
    ],
    [
      '>=19.1',
      { rules: [{ changes: { regexp: 'src/.*' } }, { exists: { regexp: 'x' } }] },
      ['changes', 'exists'].map((keyword) => `one: rules.${keyword}.regexp needs GitLab 19.2, but the app supports GitLab 19.1 too`),
    ],
    ['>=19.2', { rules: [{ changes: { regexp: 'src/.*' } }], retry: { max: 1, when: 'runner_interrupted' } }, []],
    [undefined, { retry: { max: 1, when: ['script_failure'], exitCodes: [4] }, artifacts: { access: 'developer' } }, []],
    ['>=16.0', { retry: { max: 1, exitCodes: [4] } }, ['one: retry.exit_codes needs GitLab 16.11, but the app supports GitLab 16.0 too']],
    [
      undefined,
      { services: [{ name: 'x', kubernetes: { user: '1001' } }] },
      ['one: services.kubernetes needs GitLab 18.0, but the app supports GitLab 17.5 too'],
    ],
  ])('%s %j', (gitlab, props, expected) => {
    expect(told(gitlab, props)).toEqual(expected)
  })

  test('in the keywords of the whole pipeline, and in its defaults', () => {
    const include = [{ remote: 'https://acme.example/ci.yml', integrity: `sha256-${'a'.repeat(43)}=` }]
    expect(told(undefined, {}, { include, default: { image: { name: 'x', kubernetes: { user: '1001' } } } })).toEqual([
      ': include.integrity needs GitLab 17.9, but the app supports GitLab 17.5 too',
      ': image.kubernetes needs GitLab 18.0, but the app supports GitLab 17.5 too',
    ])
  })

  test('and a release, which needs GitLab 16.11', () => {
    const { app } = smallRelease({ ...pinned, gitlab: '>=16.10' })
    expect(app.synth().issues.map(sentenceOf)).toEqual(
      ['workflow.rules.auto_cancel', 'retry.exit_codes', 'artifacts.access'].map(
        (keyword) => `${keyword} needs GitLab 16.11, but the app supports GitLab 16.10 too`,
      ),
    )
    expect(smallRelease({ ...pinned, gitlab: '>=16.11' }).app.synth().issues).toEqual([])
  })
})
