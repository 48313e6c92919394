import { describe, expect, test } from 'vitest'
import {
  App,
  type AppProps,
  Condition,
  ContainerImage,
  PipelineKind,
  PublicRepo,
  Release,
  Secret,
  StagingRepo,
  sentenceOf,
} from '../index.js'
import { gitlabRegistry, type RepositoryAddress, registry } from './index.js'

const password = Secret.variable('PUBLIC_REGISTRY_TOKEN')
const deployToken = { username: 'release', password }

function issuesOf(project: AppProps['project'], staging: RepositoryAddress, at?: RepositoryAddress, name = 'app') {
  const app = new App({ project })
  const tagged = new PipelineKind(app, 'release', { when: Condition.tag(/^v(?<version>\d+)$/) })
  const images = new StagingRepo(app, 'staged', { at: staging })
  const stable = at === undefined ? [] : [new PublicRepo(app, 'stable', { at })]
  const release = new Release(app, 'acme', { routes: [{ on: tagged, staging: images, ...(stable.length > 0 && { public: stable }) }] })
  new ContainerImage(release, 'image', { name, build: { script: ['make'] }, layout: 'image' })
  return { images, said: app.synth().issues.map((issue) => ({ code: issue.code, text: `${sentenceOf(issue)} ${issue.help ?? ''}` })) }
}

describe('without a name', () => {
  test('it is the registry of the app’s project on gitlab.com, in lower case', () => {
    const { images, said } = issuesOf({ path: 'Acme/Hello' }, gitlabRegistry())
    expect(images.at).toEqual(gitlabRegistry('registry.gitlab.com/acme/hello'))
    expect(said.filter(({ code }) => /own-project|image-depth/.test(code))).toEqual([])
  })

  test.each([
    [{}, "Name the project: new App({ project: { path: 'group/project' } })"],
    [{ url: 'https://gitlab.acme.example', path: 'acme/hello' }, "gitlabRegistry('registry.example/acme/hello', { gitlab"],
  ])('and with the project %o, it is an issue that says what to name', (project, help) => {
    const { said } = issuesOf(project, gitlabRegistry())
    expect(said).toContainEqual({ code: 'routes/own-project', text: expect.stringContaining(help) })
  })
})

describe('a public registry of GitLab', () => {
  const other = gitlabRegistry('registry.gitlab.com/acme/public', deployToken)

  test('of another project has a deploy token, and its tokens from that GitLab', () => {
    expect(other).toMatchObject({
      write: [password],
      settings: { username: 'release', account: 'password', realms: ['https://gitlab.com'] },
    })
    const { said } = issuesOf({ path: 'acme/hello' }, gitlabRegistry(), other)
    expect(said.filter(({ code }) => code.startsWith('secrets/'))).toEqual([])
  })

  test('of another project with the job’s token is an error, with the way out', () => {
    const { said } = issuesOf({ path: 'acme/hello' }, gitlabRegistry(), gitlabRegistry('registry.gitlab.com/acme/public'))
    expect(said).toContainEqual({
      code: 'secrets/everywhere',
      text: expect.stringMatching(/CI_JOB_TOKEN.*a deploy token for its registry, in a protected variable.*public\/\*/s),
    })
  })

  const company = { url: 'https://gitlab.acme.example', path: 'acme/hello' }
  const gitlab = 'https://gitlab.acme.example'
  test.each([
    ['by its name', { path: 'acme/hello' }, gitlabRegistry('registry.gitlab.com/acme/hello/stable', deployToken)],
    ['by who issues its tokens', company, gitlabRegistry('images.acme.example/acme/hello', { gitlab, ...deployToken })],
    ['by a realm', company, registry('images.acme.example/acme/hello', { realms: [gitlab], ...deployToken })],
  ])('of the project itself, known %s, is an error also with a deploy token', (_, project, at) => {
    const { said } = issuesOf(project, gitlabRegistry('other.example/x'), at)
    expect(said).toContainEqual({
      code: 'secrets/everywhere',
      text: expect.stringMatching(/is the registry of this project.*Publish to the registry of another project/s),
    })
  })

  test('of another project of that GitLab, or on another GitLab, is none', () => {
    for (const at of [
      gitlabRegistry('images.acme.example/acme/public', { gitlab, ...deployToken }),
      gitlabRegistry('images.acme.example/acme/hello', { gitlab: 'https://other.example', ...deployToken }),
    ])
      expect(issuesOf(company, gitlabRegistry('other.example/x'), at).said.filter(({ code }) => code.startsWith('secrets/'))).toEqual([])
  })
})

test.each([
  ['app', gitlabRegistry(), false],
  ['a/b', gitlabRegistry(), false],
  ['a/b/c', gitlabRegistry(), true],
  ['app', gitlabRegistry('registry.gitlab.com/acme/hello/a'), false],
  ['b/c', gitlabRegistry('registry.gitlab.com/acme/hello/a'), true],
  ['a/b/c', registry('registry.example/acme/hello'), false],
])('an image %s in %o is too deep for the project: %s', (name, at, isTooDeep) => {
  const { said } = issuesOf({ path: 'acme/hello' }, at, undefined, name)
  expect(said.some(({ code }) => code === 'target/image-depth')).toBe(isTooDeep)
})

test.each([
  () => gitlabRegistry('registry.gitlab.com/acme/x', { username: 'release' }),
  () => gitlabRegistry('registry.gitlab.com/acme/x', { password }),
  () => gitlabRegistry('registry.gitlab.com/acme/x', { username: 'release', password: 'text' as never }),
])('%s: half an account is refused', (make) => {
  expect(make).toThrow(TypeError)
})
