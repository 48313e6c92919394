import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { basename, join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { expect, onTestFinished, test, vi } from 'vitest'
import { packageIn, type ReleaseOptions, release } from '../index.js'
import { authority, tls } from '../testing/authority.js'
import { debFile, soon, temporaryFolder } from '../testing/fixtures.js'
import { startPackagecloud } from '../testing/packagecloud/index.js'
import { startRegistry } from '../testing/registry/index.js'
import { Hosts } from '../transfer/host.js'
import { defineRepository } from './define.js'
import type { OpenOptions } from './opening.js'
import { directory, openRepository, packagecloud, registry } from './places.js'
import { aptRepository } from './trees.js'

const house = authority.foreignChain.certificate.split(/(?=-----BEGIN)/).at(-1) ?? ''

async function packages(tlsOfServer: typeof tls = tls) {
  const server = await startPackagecloud({ repositories: { 'acme/stable': { token: 's3cret', private: false } }, tls: tlsOfServer })
  onTestFinished(() => server.close())
  return server
}

async function released(options: Pick<ReleaseOptions, 'files' | 'to' | 'at'>) {
  const { outcomes } = await release({ name: 'acme', version: '1.2.3', limits: { sends: 1, looks: 1, patience: 10 }, ...options })
  return outcomes[0]
}

async function publishTo(stable: ReturnType<typeof packagecloud>) {
  const { path } = await debFile(await temporaryFolder())
  return released({ files: [path], to: { stable }, at: packageIn('ubuntu/jammy') })
}

test('a folder is opened by its path, from the working directory', async () => {
  const folder = await temporaryFolder()
  const { path } = await debFile(folder)
  const outcome = await released({
    files: [path],
    to: { public: directory(join(folder, 'public')) },
    at: (file) => ({ format: 'file', path: basename(file) }),
  })
  expect(outcome?.verdict).toBe('published')
})

test('packagecloud is opened with a token, however the program has it', async () => {
  const { url } = await packages()
  vi.stubEnv('ACME_TOKEN', 's3cret')
  onTestFinished(() => void vi.unstubAllEnvs())
  const fetched = vi.fn(async () => 's3cret')
  for (const token of [{ variable: 'ACME_TOKEN' }, { value: 's3cret' }, () => 's3cret', fetched]) {
    expect((await publishTo(packagecloud('acme/stable', { url, token })))?.verdict).toMatch(/published|already-public/)
  }
  expect(fetched).toHaveBeenCalled()
})

test('a token that has expired is fetched again, and neither is ever shown', async () => {
  const server = await packages()
  const tokens = ['0ld-token', 's3cret']
  const token = () => tokens[0] ?? ''
  const stable = packagecloud('acme/stable', { url: server.url, token })
  const refused = await publishTo(stable)
  expect(refused?.verdict).toBe('failed')
  expect(JSON.stringify(refused)).not.toContain('0ld-token')
  tokens.shift()
  expect((await publishTo(stable))?.verdict).toBe('published')
})

test.each([
  ['rejects', async () => Promise.reject(new Error('the vault is sealed')), 'undetermined', 'the vault is sealed'],
  ['throws', () => expect.fail('no vault'), 'undetermined', 'no vault'],
  // As programs without types write it.
  ['answers nothing', () => undefined as unknown as string, 'failed', 'returned undefined, not a string'],
  ['answers what no header can carry', () => 'two\nlines', 'failed', 'has characters that cannot be sent'],
])('a function for a token that %s fails what needs it, and says so', async (_, token, verdict, message) => {
  const { url } = await packages()
  const outcome = await publishTo(packagecloud('acme/stable', { url, token }))
  expect(outcome?.verdict).toBe(verdict)
  expect(JSON.stringify(outcome?.problem)).toContain(message)
})

test('a server with a certificate of the house is reached with its authority, and not without', async () => {
  const { url } = await packages(authority.foreign)
  const token = { value: 's3cret' }
  expect(await publishTo(packagecloud('acme/stable', { url, token }))).toMatchObject({ problem: { code: 'http/tls' } })
  expect((await publishTo(packagecloud('acme/stable', { url, token, tls: { ca: house } })))?.verdict).toBe('published')
})

/** Takes plain files from clients with a certificate. */
const shelf = defineRepository({
  type: 'shelf',
  formats: ['file'],
  parse: ({ path }) => String(path),
  open({ settings: path, origin, credentials: [variable] }, environment) {
    const client = environment.http(origin, variable === undefined ? undefined : { scheme: 'bearer', token: { variable } })
    return {
      host: origin,
      async observe(at, call) {
        const { status, text } = await client.send({ method: 'GET', path: `${path}${at.format}` }, call)
        if (status === 404) return { saw: 'absent' }
        throw new Error(`Expected 404, and the server answered ${status} ${text}`)
      },
      read: () => Promise.reject(new Error('never read')),
      create: () => Promise.reject(new Error('never created')),
    }
  },
})

/** Wants a certificate of its clients, and tells whose it got. */
async function strict() {
  const seen: string[] = []
  const server = createServer({ cert: tls.certificate, key: tls.key, requestCert: true, ca: authority.ca }, (request, response) => {
    // The cast: a server of HTTPS has no other sockets.
    const socket = request.socket as TLSSocket
    seen.push(String(socket.getPeerCertificate().subject?.CN), request.headers.authorization ?? 'nobody')
    response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  // The cast: it listens on a port.
  return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, seen }
}

test('a kind of one’s own is opened with a client certificate, which the server sees', async () => {
  const { url, seen } = await strict()
  const open = (more: Partial<OpenOptions>) => openRepository(shelf, { server: url, settings: { path: '/' }, ...more })
  const at = { format: 'file', path: 'x' } as const
  const { certificate: cert, key } = authority.client
  const known = open({ tls: { cert, key }, credentials: [{ value: 'k3y' }] })
  expect(await known.observe(at, soon())).toEqual({ saw: 'absent' })
  expect(seen).toEqual(['A server of the tests', 'Bearer k3y'])
  await expect(open({}).observe(at, soon())).rejects.toThrow()
})

test.each<[string, Parameters<typeof openRepository>[1]['tls'], string]>([
  ['a certificate without its key', { cert: authority.client.certificate }, 'a client certificate without its key'],
  ['a key without its certificate', { key: authority.client.key }, 'a key without its certificate'],
  ['a path', { cert: '/etc/ssl/client.pem', key: '/etc/ssl/client.key' }, 'cannot be parsed'],
  ['the key of another one', { cert: authority.client.certificate, key: authority.server.key }, 'do not match'],
])('%s is refused before anything is sent', (_, given, message) => {
  const open = () => openRepository(shelf, { server: 'https://packages.example', settings: { path: '/' }, tls: given })
  expect(open).toThrow(expect.objectContaining({ code: 'usage/client-certificate', message: expect.stringContaining(message) }))
  expect(open).not.toThrow(/PRIVATE KEY/)
})

test('a registry is opened by the name that people write, with its account', async () => {
  const server = await startRegistry({ tls, tokens: { account: 'me:pass' } })
  onTestFinished(() => server.close())
  const { host } = new URL(server.url)
  const images = registry(`${host}/acme`, { username: 'me', password: { value: 'pass' } })
  expect(await images.observe({ format: 'image', image: 'hello', tag: '1.0.0' }, soon())).toEqual({ saw: 'absent' })
  expect(server.requests.at(-1)?.path).toContain('/v2/acme/hello/manifests/1.0.0')
})

test('repositories that were opened with hosts carry them into the run', async () => {
  const { url } = await packages()
  const hosts = new Hosts()
  const of = vi.spyOn(hosts, 'of')
  const stable = packagecloud('acme/stable', { url, token: { value: 's3cret' }, hosts })
  of.mockClear()
  await publishTo(stable)
  expect(of).toHaveBeenCalledWith(url)
})

test.each<[string, () => unknown, string]>([
  ['a name without an account', () => packagecloud('stable', {}), 'acme/stable'],
  ['an address without a scheme', () => packagecloud('acme/stable', { url: 'packages.example' }), 'packages.example'],
  ['plain http to another machine', () => packagecloud('acme/stable', { url: 'http://packages.example' }), 'expected https'],
  ['a misspelt option', () => packagecloud('acme/stable', { tokn: 'x' } as object), 'Did you mean token?'],
  ['a token that is a text', () => packagecloud('acme/stable', { token: 's3cret' } as object), 'token is a string, not a secret'],
  ['a registry without a host', () => registry('/acme'), 'it is not a registry'],
  ['a user without a password', () => registry('docker.io/acme', { username: 'me' }), 'a user name without a password'],
  ['a password without a user', () => registry('docker.io/acme', { password: { value: 's3cret' } }), 'a password without a user name'],
  ['two accounts', () => registry('r.example', { username: 'm', password: { value: 's3cret' }, config: { value: '{}' } }), 'pass only one'],
  ['a folder without a path', () => directory(''), 'a directory repository has one setting'],
  ['a tree without a path', () => aptRepository({ on: '', signWith: { variable: 'KEY' } }), 'the path of the directory is empty'],
  ['a folder of a tree', () => aptRepository({ on: 'public', path: "a'b", signWith: { variable: 'KEY' } }), 'a folder such as debian'],
  ['no key', () => aptRepository({ on: 'public', signWith: [] }), 'a signing key'],
  [
    'certificates of the server of a folder',
    () => aptRepository({ on: 'public', signWith: { variable: 'KEY' }, tls: { ca: house } }),
    'a directory has no server',
  ],
  ['a proxy that is none', () => packagecloud('acme/stable', { proxy: 'ftp://s3cret@proxy' }), 'not the address of an http or https proxy'],
  ['options that are none', () => registry('r.example', 'me:s3cret' as never), 'the options of registry() are not an object'],
  ['settings of another kind', () => openRepository(shelf, { settigns: {} } as never), 'Did you mean settings?'],
])('%s is refused by name, not a secret is repeated', (_, open, message) => {
  expect(open).toThrow(expect.objectContaining({ name: 'UsageError', message: expect.stringContaining(message) }))
  expect(open).not.toThrow(/s3cret|pipeline\.ts/)
})

test('a wrong token from elsewhere is called the token, without advice about GitLab', async () => {
  const { url } = await packages()
  const outcome = await publishTo(packagecloud('acme/stable', { url, token: { value: 'wr0ng' } }))
  expect(outcome?.problem?.message).toContain('Check the token: it must be an API token of this server')
  expect(outcome?.problem?.message).not.toMatch(/GitLab|wr0ng|credential 1/)
})

test('a folder whose place is taken by a file is refused at once', async () => {
  const folder = await temporaryFolder()
  const { path } = await debFile(folder)
  const outcome = await released({ files: [path], to: { public: directory(path) }, at: packageIn('ubuntu/jammy') })
  expect(outcome?.verdict).toBe('failed')
})
