import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { GenericPackages, type GitlabServer, Jobs, Projects, type S3Server, startGitlab, startS3 } from '@stagegate/uploader/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ca, tls } from '../authority.js'
import { appOn, tag, targets, World } from './world.js'

// A release whose packages wait in a private bucket, and are public in a folder of another one.
const project = { id: 7, path: 'acme/hello', members: { ada: 'developer' } } as const
const accounts = {
  AKIDSTAGING: { secretAccessKey: 'staging-0f1e2d3c4b5a69788796' },
  AKIDREADS: { secretAccessKey: 'reads-0f1e2d3c4b5a69788796', may: 'read' },
  AKIDDOWNLOADS: { secretAccessKey: 'downloads-0f1e2d3c4b5a6978', sessionToken: 'session-0f1e2d3c4b5a69788796' },
} as const
const staging = { STAGING_KEY_ID: 'AKIDSTAGING', STAGING_SECRET_KEY: accounts.AKIDSTAGING.secretAccessKey }
const staged = { STAGED_KEY_ID: 'AKIDREADS', STAGED_SECRET_KEY: accounts.AKIDREADS.secretAccessKey }
const downloads = {
  DOWNLOADS_KEY_ID: 'AKIDDOWNLOADS',
  DOWNLOADS_SECRET_KEY: accounts.AKIDDOWNLOADS.secretAccessKey,
  DOWNLOADS_SESSION: accounts.AKIDDOWNLOADS.sessionToken,
}

let jobs: Jobs
let gitlab: GitlabServer
let server: S3Server
let world: World

beforeAll(async () => {
  jobs = new Jobs()
  const projects = new Projects({ jobs, projects: [project] })
  gitlab = await startGitlab([jobs, new GenericPackages({ projects }), projects], { tls, root: '/code' })
  server = await startS3({ tls, accounts, buckets: ['acme-staging', 'acme-downloads'], publicPrefixes: ['linux/'] })
  world = await World.built({
    pipeline: [['const app = new App({', appOn(gitlab.url, `path: '${project.path}' `)]],
    repositories: `import { s3, Secret } from 'stagegate'
const server = { endpoint: '${server.url}', region: 'eu-central-1', ca: ${JSON.stringify(ca)} }
const keys = (name: string) => ({ accessKeyId: Secret.variable(name + '_KEY_ID'), secretAccessKey: Secret.variable(name + '_SECRET_KEY') })
export const staging = s3('acme-staging', { ...server, credentials: keys('STAGING'), readCredentials: keys('STAGED') })
const credentials = { ...keys('DOWNLOADS'), sessionToken: Secret.variable('DOWNLOADS_SESSION') }
export const stable = s3('acme-downloads', { ...server, prefix: 'linux', credentials })
`,
  })
}, 300_000)
afterAll(async () => {
  expect([gitlab.violations, server.violations]).toEqual([[], []])
  await Promise.all([gitlab.close(), server.close()])
})

async function run(name: string, words: readonly string[], variables: Readonly<Record<string, string>>, exitCode = 0) {
  const token = jobs.start({ name, ref: { tag }, pipeline: 100, commit: 'c'.repeat(40), project })
  const result = await world.run(words, { STAGEGATE_REHEARSAL: '', CI_JOB_TOKEN: token, ...variables })
  jobs.end(token)
  for (const secret of [token, ...Object.values({ ...staging, ...staged, ...downloads })]) expect(result.output).not.toContain(secret)
  expect(result.exitCode, result.output).toBe(exitCode)
  return result
}
const publish = ({ id }: (typeof targets)[number], more: Readonly<Record<string, string>> = {}, exitCode = 0) =>
  run(`publish: [${id}]`, ['publish', '--target', id], { ...staged, ...downloads, ...more }, exitCode)
const keysOf = (bucket: string) => [...server.objects(bucket).keys()].sort()

test('from the tag to packages that anybody can read', { timeout: 300_000 }, async () => {
  for (const { id } of targets) await run(`stage: [${id}]`, ['stage', '--target', id, world.built(id)], staging)
  // Jobs that read what is staged have keys that could not write it.
  await run('seal', ['seal'], staged)
  await run('deploy: [production]', ['fetch', '--to', 'incoming'], staged)
  expect(keysOf('acme-downloads')).toEqual([])
  for (const target of targets) {
    // No bytes pass through the job.
    expect((await publish(target)).stdout).toContain('copied by the server')
    // Readers need no keys.
    await run(`verify: [${target.id}]`, ['verify', '--target', target.id, '--deadline', '0'], {})
  }
  const names = targets.map(({ id, file }) => `${id}/${file}`)
  expect(keysOf('acme-staging')).toEqual(['.stagegate/probe', ...names].sort())
  expect(keysOf('acme-downloads')).toEqual(['linux/.stagegate/probe', ...names.map((name) => `linux/${name}`)].sort())
  for (const { id, file } of targets) {
    const answer = await fetch(`${server.url}/acme-downloads/linux/${id}/${encodeURIComponent(file)}`)
    expect(answer.status).toBe(200)
    expect(sha256(Buffer.from(await answer.arrayBuffer()))).toBe(sha256(readFileSync(world.path(world.built(id)))))
  }

  const uploads = server.requests.filter(({ method, path }) => method === 'PUT' && path.startsWith('/acme-downloads/'))
  const bodies = uploads.filter(({ headers, path }) => headers['x-amz-copy-source'] === undefined && !path.includes('.stagegate'))
  expect(bodies).toEqual([])

  const before = server.requests.filter(({ method }) => method === 'PUT').length
  for (const target of targets) expect((await publish(target)).stdout).toContain('1 already-public.')
  expect(server.requests.filter(({ method }) => method === 'PUT')).toHaveLength(before)
})

test('an expired session or a wrong key is reported with the remedy, and nothing is public', async () => {
  const [target] = targets
  for (const key of keysOf('acme-downloads')) server.objects('acme-downloads').delete(key)
  const wrong = await publish(target, { DOWNLOADS_SECRET_KEY: 'not-the-secret-0f1e2d3c' }, 3)
  expect(wrong.output).toContain('the secret key does not match the access key')
  expect(wrong.output).not.toContain('not-the-secret')
  expect(keysOf('acme-downloads')).toEqual([])
})

function sha256(data: Buffer): string {
  return createHash('sha256').update(data).digest('hex')
}
