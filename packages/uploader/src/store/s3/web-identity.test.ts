import { createSign, generateKeyPairSync } from 'node:crypto'
import { instant, later } from '@stagegate/schema'
import { describe, expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../contract/clock.js'
import { RepositoryRefusal } from '../../contract/refusal.js'
import { s3 } from '../../repository/buckets.js'
import { createEnvironment } from '../../repository/environment.js'
import { openKind } from '../../repository/opened.js'
import { s3 as kind } from '../../repository/s3/index.js'
import { tls } from '../../testing/authority.js'
import { repositoryConformance } from '../../testing/conformance/index.js'
import { soon } from '../../testing/fixtures.js'
import { type S3Account, startS3 } from '../../testing/s3/index.js'
import { type StsOptions, startSts } from '../../testing/s3/sts.js'
import { storePath } from '../path.js'
import { openS3 } from './open.js'
import { WebIdentity } from './web-identity.js'

const gitlab = generateKeyPairSync('rsa', { modulusLength: 2048 })
const other = generateKeyPairSync('rsa', { modulusLength: 2048 })
const issuer = { url: 'https://gitlab.example', key: gitlab.publicKey }
const [publish, read] = ['arn:aws:iam::123456789012:role/publish', 'arn:aws:iam::123456789012:role/read']
const protectedTags = /^project_path:acme\/hello:ref_type:tag:ref:v/
const roles = {
  [publish]: { aud: 'publish.acme.example', sub: protectedTags },
  [read]: { aud: 'read.acme.example', sub: protectedTags, may: 'read' },
} as const

/** A token as GitLab makes it. */
function tokenFor(claims: Readonly<Record<string, unknown>> = {}, key = gitlab.privateKey, alg = 'RS256'): string {
  const now = Math.floor(Date.now() / 1000)
  const all = {
    iss: issuer.url,
    aud: 'publish.acme.example',
    sub: 'project_path:acme/hello:ref_type:tag:ref:v1.2.3',
    iat: now,
    exp: now + 3600,
    ...claims,
  }
  const text = [{ alg, typ: 'JWT' }, all].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  return `${text}.${createSign('RSA-SHA256').update(text).sign(key, 'base64url')}`
}

/** An emulated S3, and who issues keys for it. */
async function world(more: Partial<StsOptions> = {}) {
  const accounts: Record<string, S3Account> = {}
  const server = await startS3({ tls, accounts, now: more.now })
  const sts = await startSts({ tls, issuer, roles, accounts, ...more })
  onTestFinished(async () => {
    await Promise.all([server.close(), sts.close()])
    expect([...server.violations, ...sts.violations]).toEqual([])
  })
  const repository = (token = tokenFor(), role = publish) =>
    s3('packages', {
      region: 'eu-central-1',
      endpoint: server.url,
      credentials: { token: { value: token }, ...(role !== '' && { role }), sts: sts.url },
    })
  return { server, sts, repository }
}

const at = { format: 'file', path: 'acme.txt' } as const
const asked = async (run: Promise<unknown>): Promise<unknown> => run.catch((error: unknown) => error)

test('keys are got once for many requests, and the token stays out of all that S3 is sent', async () => {
  const { server, sts, repository } = await world()
  const token = tokenFor()
  const bucket = repository(token)
  await Promise.all(Array.from({ length: 20 }, () => bucket.observe(at, soon())))
  expect(await bucket.observe(at, soon())).toEqual({ saw: 'absent' })
  expect(sts.requests).toHaveLength(1)
  expect(JSON.stringify(server.requests)).not.toContain(token.slice(0, 20))
})

test('new keys are asked for while those that are there are good for some minutes yet', async () => {
  let time = Date.now()
  const { server, sts } = await world({ now: () => time })
  const clock = { ...systemClock, now: () => instant(new Date(time)) }
  const environment = createEnvironment({ variables: {}, secrets: { TOKEN: { value: tokenFor({ exp: time / 1000 + 7200 }) } }, clock })
  const client = environment.http(sts.url, { scheme: 'form', field: 'WebIdentityToken', value: { variable: 'TOKEN' } })
  const identity = new WebIdentity({ role: publish, client, clock })
  const issued = (call: Parameters<WebIdentity['keys']>[0]) => identity.keys(call)
  const opening = { origin: server.url, bucket: { name: 'packages', style: 'path' }, region: 'eu-central-1', prefix: undefined } as const
  const { store } = openS3({ ...opening, keys: { issued } }, environment)
  const look = () => store.observe(storePath('a'), { ...soon(), deadline: later(clock.now(), 20) })
  const begin = time
  for (const [minutes, requests] of [
    [0, 1],
    [54, 1],
    [56, 2],
    [110, 2],
    [112, 3],
  ] as const) {
    time = begin + minutes * 60_000
    expect(await look()).toEqual({ saw: 'absent' })
    expect(sts.requests, `after ${minutes} minutes`).toHaveLength(requests)
  }
})

describe('no keys are given', () => {
  test.each<[string, () => string, string, RegExp]>([
    ['for another audience', () => tokenFor({ aud: 'read.acme.example' }), publish, /issues no keys.*AccessDenied.*trust policy/s],
    ['for a branch', () => tokenFor({ sub: 'project_path:acme/hello:ref_type:branch:ref:main' }), publish, /AccessDenied/],
    ['for another project', () => tokenFor({ sub: 'project_path:evil/hello:ref_type:tag:ref:v1' }), publish, /AccessDenied/],
    ['of another GitLab', () => tokenFor({ iss: 'https://evil.example' }), publish, /InvalidIdentityToken/],
    ['signed by somebody else', () => tokenFor({}, other.privateKey), publish, /InvalidIdentityToken/],
    ['signed by nobody', () => tokenFor({}, gitlab.privateKey, 'none'), publish, /InvalidIdentityToken/],
    ['too late', () => tokenFor({ exp: 1 }), publish, /has expired.*Run the job again/s],
    ['of a role that is not there', () => tokenFor(), 'arn:aws:iam::123456789012:role/other', /role\/other/],
    ['without a role', () => tokenFor(), '', /AccessDenied/],
  ])('%s', async (_, make, role, message) => {
    const { server, repository } = await world()
    const token = make()
    const error = await asked(repository(token, role).observe(at, soon()))
    expect(error).toBeInstanceOf(RepositoryRefusal)
    expect(error).toMatchObject({ code: 'store/web-identity' })
    expect((error as Error).message).toMatch(message)
    expect((error as Error).message).not.toContain(token.slice(0, 20))
    expect(server.requests).toHaveLength(0)
  })
})

describe('an answer of the server that issues keys', () => {
  const page = { answer: 200, headers: { 'content-type': 'text/html' }, body: '<html><body>Sign in</body></html>' }
  const refusal = (answer: number, code: string) => ({
    answer,
    body: `<ErrorResponse><Error><Code>${code}</Code><Message>no</Message></Error></ErrorResponse>`,
  })
  test.each([
    ['that it is too busy', refusal(400, 'Throttling'), 'repository/retry-later'],
    ['that it cannot ask GitLab', refusal(400, 'IDPCommunicationError'), 'repository/retry-later'],
    ['of 503', refusal(503, 'ServiceUnavailable'), 'repository/retry-later'],
    ['of 405, as versitygw gives it', refusal(405, 'MethodNotAllowed'), 'store/web-identity'],
    ['of MinIO to a token that it does not know', refusal(400, 'InvalidParameterValue'), 'store/web-identity'],
    ['that is a page', page, 'repository/unexpected-answer'],
    ['of an empty session', { answer: 200, body: '<AssumeRoleWithWebIdentityResponse/>' }, 'repository/unexpected-answer'],
  ])('%s', async (_, answer, code) => {
    const { sts, repository } = await world()
    sts.faults.add({ do: answer })
    const bucket = repository()
    expect(await asked(bucket.observe(at, soon()))).toMatchObject({ code })
    expect(await bucket.observe(at, soon())).toEqual({ saw: 'absent' })
  })
})

test('one that gives up does not spoil it for others', async () => {
  const { repository } = await world()
  const bucket = repository()
  const stopped = new AbortController()
  const first = asked(bucket.observe(at, { ...soon(), signal: stopped.signal }))
  stopped.abort(new Error('stopped'))
  expect(await first).toBeInstanceOf(Error)
  expect(await bucket.observe(at, soon())).toEqual({ saw: 'absent' })
})

test('a plan has a role for each access', async () => {
  const { server, sts } = await world()
  const settings = {
    bucket: 'packages',
    region: 'eu-central-1',
    webIdentity: { read: { sts: sts.url, role: read }, write: { sts: sts.url, role: publish } },
  }
  const variables = { PUBLISH: tokenFor(), READ: tokenFor({ aud: 'read.acme.example' }) }
  const open = (access: 'read' | 'write', token: string) =>
    openKind(kind, { settings, role: 'public', origin: server.url, access, credentials: [token] }, createEnvironment({ variables }), {
      name: 'stable',
      next: '',
    })
  expect(await open('read', 'READ').observe(at, soon())).toEqual({ saw: 'absent' })
  expect(await open('write', 'PUBLISH').observe(at, soon())).toEqual({ saw: 'absent' })
  expect(await asked(open('write', 'READ').observe(at, soon()))).toMatchObject({ code: 'store/web-identity' })
  expect(() => open('write', 'UNSET')).toThrow(/UNSET is not set/)
})

describe('a bucket that is opened by a role keeps what a repository promises', () => {
  const open = async () => {
    const accounts: Record<string, S3Account> = {}
    const server = await startS3({ tls, accounts, publicPrefixes: ['linux/'] })
    const sts = await startSts({ tls, issuer, roles, accounts })
    const opened = (aud = 'publish.acme.example', role: string = publish) =>
      s3('packages', {
        region: 'eu-central-1',
        prefix: 'linux',
        endpoint: server.url,
        credentials: { token: { value: tokenFor({ aud }) }, role, sts: sts.url },
      })
    return {
      repository: opened(),
      another: () => opened(),
      refused: () => opened('somebody.example'),
      readOnly: () => opened('read.acme.example', read),
      close: () => Promise.all([server.close(), sts.close()]).then(() => undefined),
    }
  }
  const without = ['unreachable', 'failing', 'losingAnswers', 'remove', 'tags', 'referrers'] as const
  for (const { name, run } of repositoryConformance(open, { formats: ['deb', 'rpm', 'file'], without })) test(name, run)
})
