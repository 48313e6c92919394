import { request } from 'node:https'
import { expect, onTestFinished, test } from 'vitest'
import { tls } from '../../authority.js'
import { type GitlabRegistryOptions, type RegistryProject, startGitlabRegistry } from './index.js'

const hello: RegistryProject = {
  path: 'acme/hello',
  members: { ada: 'developer', bob: 'reporter', eve: 'maintainer' },
  deployTokens: { 'reader:r': 'read', 'writer:w': 'write' },
  jobTokenAllowlist: ['acme/other'],
}
const others: readonly RegistryProject[] = [
  { path: 'acme/other', members: { ada: 'maintainer' } },
  { path: 'acme/open', isPublic: true },
]
const type = 'application/vnd.oci.image.manifest.v1+json'
const body = JSON.stringify({ schemaVersion: 2, mediaType: type })

interface Said {
  readonly status: number | undefined
  readonly challenge: string | undefined
  readonly json: { readonly token?: string; readonly errors?: readonly { code: string; message: string; detail?: string }[] }
}

async function start(more: Partial<GitlabRegistryOptions> = {}) {
  const server = await startGitlabRegistry({ tls, projects: [hello, ...others], ...more })
  onTestFinished(async () => {
    await server.close()
    expect([...server.registry.violations, ...server.gitlab.violations]).toEqual([])
  })
  const token = async (account: string | undefined, ...scopes: readonly string[]): Promise<Said> => {
    const query = scopes.map((scope) => `&scope=${encodeURIComponent(`repository:${scope}`)}`).join('')
    const headers: Record<string, string> =
      account === undefined ? {} : { authorization: `Basic ${Buffer.from(account).toString('base64')}` }
    return ask('GET', `${server.gitlab.url}/jwt/auth?service=container_registry${query}`, headers)
  }
  const put = (name: string, tag: string, bearer: string | undefined, data = body) =>
    ask('PUT', `${server.registry.url}/v2/${name}/manifests/${tag}`, { 'content-type': type, ...shown(bearer) }, data)
  const get = (name: string, reference: string, bearer?: string) =>
    ask('GET', `${server.registry.url}/v2/${name}/manifests/${reference}`, shown(bearer))
  const job = (user = 'ada', project = 'acme/hello') => `gitlab-ci-token:${server.tokens.startJob({ project, user })}`
  return { server, token, put, get, job }
}

function shown(bearer: string | undefined): Record<string, string> {
  return bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }
}

function ask(method: string, url: string, headers: Record<string, string>, data = ''): Promise<Said> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers, agent: false, timeout: 10_000 }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        resolve({ status: answer.statusCode, challenge: answer.headers['www-authenticate'], json: text === '' ? {} : JSON.parse(text) })
      })
    })
    asked.once('error', reject)
    asked.end(data)
  })
}

test('the registry sends every client to the token service of its GitLab', async () => {
  const { server, get, put } = await start()
  const realm = `Bearer realm="${server.gitlab.url}/jwt/auth",service="container_registry"`
  expect(await get('acme/hello/app', 'a')).toMatchObject({ status: 401, challenge: `${realm},scope="repository:acme/hello/app:pull"` })
  expect(await put('acme/hello/app', 'a', undefined)).toMatchObject({
    challenge: `${realm},scope="repository:acme/hello/app:pull,push"`,
  })
  expect((await get('acme/hello/app', 'a', 'unknown')).challenge).toContain(',error="invalid_token"')
})

test('a client that looks for the registry is sent there too, and let in with any token', async () => {
  const { server, token, job } = await start()
  const look = (bearer?: string) => ask('GET', `${server.registry.url}/v2/`, shown(bearer))
  expect(await look()).toMatchObject({
    status: 401,
    challenge: `Bearer realm="${server.gitlab.url}/jwt/auth",service="container_registry"`,
  })
  expect((await look((await token(job())).json.token)).status).toBe(200)
})

/** What a token for a push is good for. */
const table: readonly (readonly [string, string, 'push' | 'pull' | 'nothing', (start: Awaited<ReturnType<typeof world>>) => string])[] = [
  ['a job of a developer, in its own project', 'acme/hello/app', 'push', ({ job }) => job()],
  ['in the project’s own repository', 'acme/hello', 'push', ({ job }) => job()],
  ['two names below the project', 'acme/hello/a/b', 'push', ({ job }) => job()],
  ['three names below the project', 'acme/hello/a/b/c', 'nothing', ({ job }) => job()],
  ['a job of a reporter', 'acme/hello/app', 'pull', ({ job }) => job('bob')],
  ['a job of another project, on the allowlist', 'acme/hello/app', 'pull', ({ job }) => job('ada', 'acme/other')],
  ['a job of another project, of whose user nobody knows there', 'acme/hello/app', 'nothing', ({ job }) => job('mallory', 'acme/other')],
  ['a job of another project, not on the allowlist', 'acme/other/app', 'nothing', ({ job }) => job()],
  ['a job, in a public project', 'acme/open/app', 'pull', ({ job }) => job()],
  ['a deploy token that writes', 'acme/hello/app', 'push', () => 'writer:w'],
  ['a deploy token that reads', 'acme/hello/app', 'pull', () => 'reader:r'],
  ['a deploy token of another project', 'acme/other/app', 'nothing', () => 'writer:w'],
]
const world = () => start()

test.each(table)('a token for %s (%s): %s', async (_, name, what, account) => {
  const made = await start()
  const { json } = await made.token(account(made), `${name}:pull,push,delete`)
  made.server.registry.image(name).add(type, Buffer.from(body), 'there')
  expect((await made.get(name, 'there', json.token)).status).toBe(what === 'nothing' ? 401 : 200)
  const pushed = await made.put(name, 'new', json.token)
  expect(pushed.status).toBe(what === 'push' ? 201 : 401)
  if (what !== 'push') expect(pushed.challenge).toContain(',error="insufficient_scope"')
  const removed = await ask('DELETE', `${made.server.registry.url}/v2/${name}/manifests/there`, shown(json.token))
  expect(removed.challenge).toContain(`scope="repository:${name}:delete",error="insufficient_scope"`)
})

test('one without an account gets a token for public projects, and none for others', async () => {
  const { token } = await start()
  expect(await token(undefined, 'acme/open/app:pull')).toMatchObject({ status: 200 })
  expect(await token(undefined, 'acme/hello/app:pull')).toMatchObject({ status: 403, json: { errors: [{ code: 'DENIED' }] } })
})

test('a job that is over gets no token; one that it has is good until it expires', async () => {
  let now = 0
  const { server, token, get, job } = await start({ now: () => now })
  server.registry.image('acme/hello/app').add(type, Buffer.from(body), 'there')
  const account = job()
  const { json } = await token(account, 'acme/hello/app:pull')
  expect(Object.keys(json)).toEqual(['token'])
  server.tokens.endJob(account.slice('gitlab-ci-token:'.length))
  expect(await token(account, 'acme/hello/app:pull')).toMatchObject({ status: 401, json: { errors: [{ code: 'UNAUTHORIZED' }] } })
  now = 5 * 60_000 - 1
  expect((await get('acme/hello/app', 'there', json.token)).status).toBe(200)
  now++
  expect((await get('acme/hello/app', 'there', json.token)).challenge).toContain(',error="invalid_token"')
})

test('a protected tag is refused to who has not the role, there or not', async () => {
  const protectedTags = [{ matches: /^v\d/, push: 'maintainer' }] as const
  const { token, put, job } = await start({ projects: [{ ...hello, protectedTags }] })
  const push = async (account: string, tag: string) =>
    put('acme/hello/app', tag, (await token(account, 'acme/hello/app:pull,push')).json.token)
  expect(await push(job(), 'v1')).toMatchObject({
    status: 401,
    challenge: undefined,
    json: { errors: [{ detail: 'tag "v1" is protected' }] },
  })
  expect([await push(job(), 'latest'), await push(job('eve'), 'v1')]).toMatchObject([{ status: 201 }, { status: 201 }])
  expect(await push(job(), 'v1')).toMatchObject({ status: 401 })
})

test('an immutable tag is set once, also with the same manifest, whose bytes are kept under their digest', async () => {
  const { server, token, put, job } = await start({ projects: [{ ...hello, immutableTags: [/^v/] }] })
  const { json } = await token(job('eve'), 'acme/hello/app:pull,push')
  expect((await put('acme/hello/app', 'v1', json.token)).status).toBe(201)
  const again = await put('acme/hello/app', 'v1', json.token)
  expect(again).toMatchObject({ status: 401, challenge: undefined, json: { errors: [{ detail: 'tag "v1" is immutable' }] } })
  expect((await put('acme/hello/app', 'v1', json.token, `${body}\n`)).status).toBe(401)
  expect(server.registry.image('acme/hello/app').manifests.size).toBe(2)
  expect((await put('acme/hello/app', 'latest', json.token)).status).toBe(201)
})

test('a protected repository gets no token for a push', async () => {
  const protectedRepositories = [{ matches: /\/app$/, push: 'maintainer' }] as const
  const { token, job } = await start({ projects: [{ ...hello, protectedRepositories }] })
  expect(await token(job(), 'acme/hello/app:pull,push')).toMatchObject({
    status: 403,
    json: { errors: [{ message: 'Pushing to protected repository path forbidden' }] },
  })
  expect((await token(job(), 'acme/hello/app:pull')).status).toBe(200)
  expect((await token(job(), 'acme/hello:pull,push')).status).toBe(200)
})

test('a manifest about another is taken once that one is there', async () => {
  const { server, token, put, job } = await start()
  const { json } = await token(job(), 'acme/hello/app:pull,push')
  const digest = server.registry.image('other').add(type, Buffer.from(body))
  const about = JSON.stringify({ schemaVersion: 2, mediaType: type, subject: { mediaType: type, digest, size: body.length } })
  expect((await put('acme/hello/app', 'sbom', json.token, about)).status).toBe(404)
  await put('acme/hello/app', 'v1', json.token)
  expect((await put('acme/hello/app', 'sbom', json.token, about)).status).toBe(201)
})
