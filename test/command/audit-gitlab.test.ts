import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CiLints, type GitlabServer, startGitlab } from '@stagegate/uploader/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ca, tls } from '../authority.js'
import { temporaryFolder } from '../release/files.js'
import { stagegate } from '../tasks/rehearsal.mjs'

const token = 'glpat-0f1e2d3c4b5a69788796'
const held = `release:
  script: [twine upload dist/*]
  rules: [{if: '$CI_COMMIT_REF_PROTECTED == "true"', when: manual, allow_failure: false}]
`
const open = 'release: {script: [twine upload dist/*]}\n'
const hand = `# stagegate: publishes\nrelease:\n  extends: .base\ninclude: [{project: acme/ci, file: base.yml}]\n`

let gitlab: GitlabServer
let folder: string
beforeAll(async () => {
  const lints = new CiLints({
    project: 'acme/hello',
    token,
    guest: 'glpat-guest',
    committed: { main: 'committed', 'v1.0': 'old' },
    judge: (content) => {
      if (content.includes('refused')) return { valid: false, errors: ['jobs:a config should be a hash\u001b[31m'], warnings: [] }
      if (content === 'unmerged') return { valid: true, merged_yaml: hand, errors: [], warnings: [] }
      const merged = `# made by GitLab\n\n${content === 'committed' ? held : open}`
      return { valid: true, merged_yaml: merged, errors: [], warnings: ['jobs:release may allow multiple pipelines'] }
    },
  })
  gitlab = await startGitlab([lints], { tls })
})
afterAll(() => gitlab.close())
beforeEach(() => {
  folder = temporaryFolder()
  gitlab.faults.clear()
  writeFileSync(join(folder, 'ca.pem'), ca)
  writeFileSync(join(folder, 'ci.yml'), hand)
})

const ask = (words: readonly string[], variables: Readonly<Record<string, string>> = { GITLAB_TOKEN: token }) =>
  stagegate(folder, ['audit', ...words, '--gitlab', gitlab.url, '--project', 'acme/hello'], {
    variables: { NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'), ...variables },
  })

test('GitLab merges the file with all that it includes; comments and lines are those of the file', async () => {
  const { exitCode, stdout } = await ask(['ci.yml'])
  expect(exitCode).toBe(3)
  expect(stdout).toContain('error: in any pipeline, release (ci.yml:2) can start before its gate')
  expect(stdout).toContain(
    `GitLab at ${gitlab.url} accepts it with these messages:\n  warning: jobs:release may allow multiple pipelines\nIt was merged for the default branch`,
  )
  expect(stdout).not.toContain('base.yml')
})

test('without a file the project’s own pipeline is judged, for a ref if one is named', async () => {
  const own = await ask([])
  expect(own).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('release: it publishes a package') })
  expect(await ask(['--ref', 'v1.0', '--publishes', 'release'])).toMatchObject({
    exitCode: 3,
    stdout: expect.stringContaining('It was merged for v1.0'),
  })
})

test('a file that GitLab refuses ends with 2 and GitLab’s own words', async () => {
  writeFileSync(join(folder, 'ci.yml'), `${held}# refused\n`)
  const refused = await ask(['ci.yml', '--publishes', 'release'])
  expect(refused).toMatchObject({
    exitCode: 2,
    stdout: expect.stringMatching(
      /refuses it with these messages:\n {2}error: jobs:a config should be a hash[^\x1b\n]*\n[\s\S]*GitLab refuses this file\.\n$/,
    ),
  })
  expect(JSON.parse((await ask(['ci.yml', '--json'])).stdout)).toMatchObject({
    gitlab: { valid: false, errors: [expect.stringContaining('a hash')], warnings: [] },
  })
})

test.each<[string, readonly string[], Readonly<Record<string, string>>, number, RegExp]>([
  ['no token', [], {}, 2, /GITLAB_TOKEN/],
  ['another variable', ['--token-variable', 'MY_TOKEN'], { GITLAB_TOKEN: token }, 2, /MY_TOKEN/],
  ['a wrong token', [], { GITLAB_TOKEN: 'glpat-wrong' }, 3, /does not accept the token in GITLAB_TOKEN \(401\)\n.*scope api/],
  ['a guest', [], { GITLAB_TOKEN: 'glpat-guest' }, 3, /does not have permission to lint pipelines of acme\/hello \(403\)/],
  ['another project', ['--project', 'acme/x'], { GITLAB_TOKEN: token }, 3, /no project acme\/x, or the token/],
])('who may not ask is told why: %s', async (_, words, variables, exitCode, message) => {
  const call = ['audit', 'ci.yml', '--gitlab', gitlab.url, '--project', 'acme/hello', ...words]
  const refused = await stagegate(folder, call, { variables: { NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'), ...variables } })
  expect(refused).toMatchObject({ exitCode, stderr: expect.stringMatching(message) })
  expect(refused.output).not.toMatch(/glpat-/)
})

test('a redirect, a page that is no judgement and a server in trouble prove nothing', async () => {
  gitlab.faults.add({ do: { answer: 301, headers: { location: 'https://login.example/' } } })
  expect(await ask(['ci.yml'])).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('redirects to https://login.example (301)') })
  gitlab.faults.add({ do: { answer: 200, body: `<html>${token}</html>` } })
  const page = await ask(['ci.yml'])
  expect(page).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('expected the result of GitLab’s CI Lint') })
  expect(page.output).not.toContain(token)
  gitlab.faults.add({ do: { answer: 503 } })
  expect(await ask(['ci.yml'])).toMatchObject({ exitCode: 4, stderr: expect.stringContaining('answered 503') })
})

test('an untrusted certificate is refused', async () => {
  const words = ['audit', 'ci.yml', '--gitlab', gitlab.url, '--project', 'acme/hello']
  expect(await stagegate(folder, words, { variables: { GITLAB_TOKEN: token } })).toMatchObject({
    exitCode: 3,
    stderr: expect.stringMatching(/certificate/),
  })
})

test.each([
  [['ci.yml', '--gitlab', 'https://gitlab.example'], '--gitlab needs --project PATH'],
  [['ci.yml', '--project', 'acme/x'], '--project needs --gitlab URL'],
  [['ci.yml', '--ref', 'main'], '--ref needs --gitlab URL'],
  [['ci.yml', '--merged', '--gitlab', 'https://gitlab.example', '--project', 'x'], '--merged and --gitlab exclude each other'],
  [['ci.yml', '--gitlab', 'gitlab.example', '--project', 'x'], 'it is not the address of a GitLab'],
  [['ci.yml', '--gitlab', 'http://gitlab.example', '--project', 'x'], 'http://gitlab.example'],
  [[], 'no file was given'],
])('options that do not fit are refused: %j', async (words, message) => {
  const refused = await stagegate(folder, ['audit', ...words], { variables: { GITLAB_TOKEN: token } })
  expect(refused).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(message) })
})

describe('--merged', () => {
  test('looks for no includes, and leaves nothing unseen', async () => {
    writeFileSync(join(folder, 'ci.yml'), held)
    expect(await stagegate(folder, ['audit', 'ci.yml', '--merged', '--publishes', 'release'])).toMatchObject({ exitCode: 0 })
  })

  test('refuses a file that includes others, whether they are there or not', async () => {
    mkdirSync(join(folder, 'ci'))
    writeFileSync(join(folder, 'ci/a.yml'), held)
    for (const include of ['ci/a.yml', '{local: ci/none.yml}', '{remote: https://acme.example/x.yml}']) {
      writeFileSync(join(folder, 'ci.yml'), `include: [${include}]\n${held}`)
      const refused = await stagegate(folder, ['audit', 'ci.yml', '--merged'])
      expect(refused).toMatchObject({
        exitCode: 2,
        stderr: expect.stringMatching(/ci\.yml: it is not merged: it includes [\s\S]*merged_yaml/),
      })
    }
  })

  test('refuses keys of old GitLabs, and an answer of GitLab that still includes', async () => {
    writeFileSync(join(folder, 'ci.yml'), '---\n:release:\n  :script: x\n')
    expect(await stagegate(folder, ['audit', 'ci.yml', '--merged'])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('begin with colons'),
    })
    writeFileSync(join(folder, 'ci.yml'), 'unmerged')
    expect(await ask(['ci.yml'])).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('it is not merged') })
  })
})
