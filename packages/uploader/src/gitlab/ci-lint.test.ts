import { expect, onTestFinished, test } from 'vitest'
import { createEnvironment } from '../repository/environment.js'
import { tls } from '../testing/authority.js'
import { CiLints } from '../testing/gitlab/ci-lint.js'
import { startGitlab } from '../testing/gitlab/start.js'
import type { Fault } from '../testing/server/faults.js'
import { askForLint, type CiLintQuestion } from './ci-lint.js'

const token = 'glpat-0123456789abcdef'

async function place(...faults: readonly Fault[]) {
  const lints = new CiLints({
    project: 'acme/hello',
    token,
    guest: 'glpat-guest',
    committed: { main: 'committed: {}', v1: 'tagged: {}' },
    judge: (content, ref) => ({
      valid: true,
      merged_yaml: `${content} # ${ref ?? 'static'}`,
      errors: [],
      warnings: ['jobs:a may allow several pipelines'],
    }),
  })
  const server = await startGitlab([lints], { tls, faults })
  onTestFinished(() => server.close())
  const ask = (question: Partial<CiLintQuestion> = {}, variables: Readonly<Record<string, string>> = { GITLAB_TOKEN: token }) => {
    const environment = createEnvironment({ variables, base: '/', rehearsal: false })
    return askForLint({ url: server.url, project: 'acme/hello', token: 'GITLAB_TOKEN', ...question }, environment)
  }
  return { server, ask }
}

test('a text is judged, or the pipeline that the project has, for a ref or statically', async () => {
  const { ask, server } = await place()
  expect(await ask({ content: 'a: {}' })).toEqual({
    valid: true,
    merged: 'a: {} # static',
    errors: [],
    warnings: ['jobs:a may allow several pipelines'],
  })
  expect((await ask({ content: 'a: {}', ref: 'v1' })).merged).toBe('a: {} # v1')
  expect((await ask()).merged).toBe('committed: {} # static')
  expect((await ask({ ref: 'v1' })).merged).toBe('tagged: {} # v1')
  expect(server.violations).toEqual([])
})

test.each<[string, Partial<CiLintQuestion>, Record<string, string>, RegExp]>([
  ['401', {}, { GITLAB_TOKEN: 'glpat-other' }, /does not accept the token in GITLAB_TOKEN \(401\)/],
  ['403', {}, { GITLAB_TOKEN: 'glpat-guest' }, /does not have permission to lint pipelines of acme\/hello \(403\)[\s\S]*scope api/],
  ['404', { project: 'acme/other' }, { GITLAB_TOKEN: token }, /no project acme\/other, or the token in GITLAB_TOKEN cannot see it \(404\)/],
])('a refusal says why: %s', async (_, question, variables, message) => {
  const { ask } = await place()
  await expect(ask({ content: 'a: {}', ...question }, variables)).rejects.toMatchObject({
    code: 'gitlab/lint-refused',
    final: true,
    message: expect.stringMatching(message),
  })
})

test('a missing token and an invalid address are refused before anything is sent', async () => {
  const { ask, server } = await place()
  await expect(ask({}, {})).rejects.toMatchObject({ code: 'usage/secret-missing' })
  await expect(ask({ url: 'gitlab' })).rejects.toMatchObject({ code: 'usage/origin' })
  expect(server.requests).toEqual([])
})

test('a redirect is not followed: the token stays', async () => {
  const { ask, server } = await place({ do: { answer: 302, headers: { location: 'https://login.example/x?token=1' } } })
  await expect(ask()).rejects.toMatchObject({
    message: expect.stringMatching(/redirects to https:\/\/login\.example \(302\), and Stagegate does not send the token there/),
  })
  expect(server.requests).toHaveLength(1)
})

test.each<[string, unknown]>([
  ['a login page', '<html>Sign in</html>'],
  ['nothing', ''],
  ['another form', { status: 'valid' }],
  ['a list', []],
  ['errors that are no texts', { valid: false, errors: [{}], warnings: [] }],
])('an answer that is no judgement is refused: %s', async (_, body) => {
  const { ask } = await place({ do: { answer: 200, body } })
  await expect(ask()).rejects.toMatchObject({ code: 'gitlab/unexpected-answer', final: true })
})

test('a server in trouble, a cut answer and a reset are no judgement, and may pass', async () => {
  const { ask } = await place({ do: { answer: 502 } }, { do: { truncateAnswer: 10 } }, { do: { reset: 'before-body' } })
  await expect(ask()).rejects.toMatchObject({ code: 'gitlab/unavailable' })
  await expect(ask()).rejects.toMatchObject({ final: false })
  await expect(ask({ content: 'a: {}' })).rejects.toMatchObject({ code: 'http/reset' })
})

test('a server that says nothing is not waited for', async () => {
  const { ask } = await place({ do: { stall: 1_500 } })
  await expect(ask({ timeout: 200 })).rejects.toMatchObject({ code: 'call/timeout' })
})

test('a token that the server repeats is not shown', async () => {
  const { ask } = await place(
    { do: { answer: 200, body: { valid: false, errors: [`no ${token}\n\u001b[31m`], warnings: [] } } },
    { do: { answer: 200, body: token } },
  )
  expect(JSON.stringify((await ask()).errors)).not.toMatch(new RegExp(`${token}|\\u001b|\\n`))
  await expect(ask()).rejects.toMatchObject({ message: expect.not.stringContaining(token) })
})
