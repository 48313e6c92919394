import { describe, expect, test } from 'vitest'
import {
  App,
  type AppProps,
  Condition,
  FileTarget,
  PackageTarget,
  PipelineKind,
  PublicRepo,
  Release,
  Secret,
  StagingRepo,
  sentenceOf,
} from '../index.js'
import { directory, gitlabPackages, type RepositoryAddress } from './index.js'

const token = Secret.variable('DOWNLOADS_TOKEN')

function issuesOf(project: AppProps['project'], staging: RepositoryAddress, at: RepositoryAddress = directory('/srv/public')) {
  const app = new App({ project })
  const tagged = new PipelineKind(app, 'release', { when: Condition.tag(/^v(?<version>\d+)$/) })
  const staged = new StagingRepo(app, 'staged', { at: staging })
  const stable = new PublicRepo(app, 'stable', { at })
  const release = new Release(app, 'acme', { routes: [{ on: tagged, staging: staged, public: [stable] }] })
  new FileTarget(release, 'binaries', { build: { script: ['make'] }, files: 'out/*' })
  new PackageTarget(release, 'ubuntu/jammy', { build: { script: ['make'] }, packages: ['pkg/*.deb'] })
  return {
    staged,
    stable,
    said: app
      .synth()
      .issues.filter(({ code }) => !code.startsWith('isolation/'))
      .map((issue) => ({ code: issue.code, text: `${sentenceOf(issue)} ${issue.help ?? ''}` })),
  }
}
const codes = ({ said }: ReturnType<typeof issuesOf>) => said.map(({ code }) => code)

describe('without a name', () => {
  test('they are the packages of the app’s project, for staging without a token of one’s own', () => {
    const issues = issuesOf({ path: 'acme/hello' }, gitlabPackages())
    expect(issues.staged.at).toEqual(gitlabPackages('acme/hello'))
    expect(issues.staged.at).toMatchObject({ origin: 'https://gitlab.com', settings: { project: 'acme/hello' }, write: [Secret.jobToken] })
    expect(issues.said).toEqual([])
  })

  test('of another instance they are at its address, with its path', () => {
    const { staged } = issuesOf({ url: 'https://git.acme.example/code', path: 'acme/hello' }, gitlabPackages())
    expect(staged.at).toMatchObject({ origin: 'https://git.acme.example', settings: { project: 'acme/hello', base: '/code' } })
  })

  test('an app with an unknown project says what to set', () => {
    const { said } = issuesOf(undefined, gitlabPackages())
    expect(said).toContainEqual({ code: 'routes/own-project', text: expect.stringContaining("here: gitlabPackages('group/project')") })
  })
})

describe('a public place', () => {
  test('is another project, with a token of it; beside staging in the same GitLab', () => {
    expect(codes(issuesOf({ path: 'acme/hello' }, gitlabPackages(), gitlabPackages('acme/downloads', { token })))).toEqual([])
  })

  test.each([
    [
      'the project’s own, whatever token it has',
      gitlabPackages('Acme/Hello', { token }),
      'the package registry of another project, with a project access token',
    ],
    ['the project’s own with the job’s token', gitlabPackages(), 'each of its jobs can push'],
    ['another’s with the job’s token', gitlabPackages('acme/downloads'), 'any job can publish'],
  ])('that is %s has no gate', (_, at, words) => {
    const { said } = issuesOf({ path: 'acme/hello' }, gitlabPackages('acme/staging'), at)
    expect(said).toContainEqual({ code: 'secrets/everywhere', text: expect.stringContaining(words) })
  })

  test('of an unknown project may be one’s own', () => {
    expect(codes(issuesOf(undefined, gitlabPackages('acme/staging'), gitlabPackages('acme/downloads', { token })))).toContain(
      'secrets/own-registry',
    )
  })

  test('of another GitLab is not one’s own', () => {
    const at = gitlabPackages('acme/hello', { token, gitlab: 'https://git.acme.example/' })
    expect(codes(issuesOf({ path: 'acme/hello' }, gitlabPackages(), at))).toEqual([])
  })
})

test.each([
  ['hello', {}, 'a project such as acme/hello'],
  ['acme/../hello', {}, 'a project such as acme/hello'],
  ['acme/hello', { gitlab: 'git.acme.example' }, 'the address of a GitLab'],
  ['acme/hello', { gitlab: 'https://git.acme.example/?a=b' }, 'the address of a GitLab'],
  [undefined, { gitlab: 'https://git.acme.example' }, 'the project’s path before'],
])('gitlabPackages(%j, %j) is refused', (project, options, words) => {
  expect(() => gitlabPackages(project, options)).toThrow(words)
})
