import { expect, test } from 'vitest'
import {
  App,
  Condition,
  FileTarget,
  gitlabPackages,
  gitlabRelease,
  Job,
  type JobProps,
  PipelineKind,
  PublicRepo,
  Release,
  StagingRepo,
} from '../../index.js'
import { pinned } from '../../testing/small-release.js'

/** A release on the page of the project itself, where every job can write. */
function make() {
  const app = new App({ ...pinned, project: { path: 'acme/hello' } })
  const tagged = new PipelineKind(app, 'release', { when: Condition.tag(/^v(?<version>\d+)$/) })
  const page = new PublicRepo(app, 'page', { at: gitlabRelease(), trustsJobs: 'maintainers review what jobs run' })
  const routes = [{ on: tagged, staging: new StagingRepo(app, 'staging', { at: gitlabPackages() }), public: page }]
  new FileTarget(new Release(app, 'acme', { routes }), 'files', { build: { script: ['make'] }, files: 'out/*' })
  return { app, tagged }
}

const codes = ({ app }: Pick<ReturnType<typeof make>, 'app'>) => app.synth().issues.map(({ code }) => code)

test.each<[string, JobProps]>([
  ['the keyword release', { script: ['true'], release: { tagName: '$CI_COMMIT_TAG', description: 'x' } }],
  ['release-cli', { script: ['release-cli create --tag-name v1'] }],
  ['a call of the API', { script: ['curl -X POST --data tag_name=v1 "$CI_API_V4_URL/projects/$CI_PROJECT_ID/releases"'] }],
  [
    'a call of the API that adds an asset',
    { script: ['curl -X POST -d name=x "$CI_API_V4_URL/projects/$CI_PROJECT_ID/releases/v1/assets/links"'] },
  ],
  [
    'a call of the API that changes the entry',
    { script: ['curl --request PUT -d @r.json "$CI_API_V4_URL/projects/$CI_PROJECT_ID/releases/v1"'] },
  ],
  ['an upload of files', { script: ['curl --upload-file x "$CI_API_V4_URL/projects/$CI_PROJECT_ID/packages/generic/hello/1/x"'] }],
])('a job that announces by %s, before the gate, is reported', (_what, props) => {
  const made = make()
  new Job(made.app, 'mine', { on: made.tagged, image: 'alpine', ...props })
  expect(codes(made)).toContain('gate/undeclared')
})

test.each(['prepare', 'build: [files]', 'stage: [files]', 'seal', 'verify: [files]'])('the keyword release in %s is reported', (name) => {
  const made = make()
  made.app.patch('an entry at once', ({ jobs }) => {
    const job = jobs[name]
    if (job !== undefined) job['release'] = { tag_name: '$CI_COMMIT_TAG', description: 'x' }
  })
  expect(codes(made)).toContain('gate/undeclared')
})

test('jobs that read releases are not reported', () => {
  const made = make()
  const script = ['curl -fsS "$CI_API_V4_URL/projects/$CI_PROJECT_ID/releases/v1" | jq .name', 'glab release download v1']
  new Job(made.app, 'mine', { on: made.tagged, image: 'alpine', script })
  expect(codes(made)).toEqual([])
})
