import { isStagegateError } from '@stagegate/schema'
import { describe, expect, test } from 'vitest'
import * as library from './index.js'
import { acmeAt, debFile, itemOf, manifestOf, memoryRepository, originOf, planOf, temporaryFolder } from './testing/fixtures.js'

// As programs without types call it: the cast gives up all that the compiler would say.
// biome-ignore lint/suspicious/noExplicitAny: these calls are what the types forbid
const api = library as any
const secret = 'hunter2-s3cret'
const bytes = Buffer.from('acme')
const manifest = manifestOf([itemOf(bytes)])
const origin = originOf(planOf())
/** Its hold has not passed. */
const fresh = { ...manifest, expiresAt: new Date(Date.now() + 3_600_000).toISOString() }
const full = () => memoryRepository([acmeAt, bytes])
const repositories = () => ({ staging: full(), stable: memoryRepository() })
const acme = { name: 'acme', version: '1.2.3', files: ['acme.deb'], to: { stable: memoryRepository() } }
const images = library.ociLayout('/tmp/none')
const place = { repository: images, image: 'acme/hello', tag: '1.2.3' }
const copying = { from: place, to: { repository: images, image: 'hello' }, tags: ['1.2.3'] }
const sums = [{ file: 'a', sha256: 'a'.repeat(64) }]
const server = 'https://packages.example'

type Calls = readonly (readonly [call: string, run: () => unknown, argument: string])[]

const calls: Readonly<Record<string, Calls>> = {
  release: [
    ['release()', () => api.release(), 'options'],
    ['a text', () => api.release('dist'), 'options'],
    ['no name', () => api.release({ ...acme, name: undefined }), 'name'],
    ['a number for a version', () => api.release({ ...acme, version: 1.2 }), 'version is a number'],
    ['no files', () => api.release({ ...acme, files: undefined }), 'files'],
    ['one file for a list', () => api.release({ ...acme, files: 'acme.deb' }), 'files is a string'],
    ['no repositories', () => api.release({ ...acme, to: undefined }), 'to is'],
    ['a repository for a list of them', () => api.release({ ...acme, to: [memoryRepository()] }), 'to is'],
    ['a repository without a name', () => api.release({ ...acme, to: memoryRepository() }), 'to is'],
    ['a folder that is not there', () => api.release({ ...acme, from: '/none', files: ['*'] }), 'from is /none, which does not exist'],
    ['a file for a folder', () => api.release({ ...acme, from: '/etc/hostname', files: ['*'] }), 'not a folder'],
    ['an address for a repository', async () => api.release({ ...acme, ...(await built()), to: { stable: server } }), 'stable'],
    ['a repository that cannot look', async () => api.release({ ...acme, ...(await built()), to: { stable: {} } }), 'observe'],
    [
      'a repository that cannot create',
      async () => api.release({ ...acme, ...(await built()), to: { stable: { ...memoryRepository(), create: undefined } } }),
      'create',
    ],
    ['a misspelt option', () => api.release({ ...acme, vesion: '1' }), 'version'],
    ['a token among the options', () => api.release({ ...acme, token: secret }), 'token'],
    ['a text for who releases', () => api.release({ ...acme, by: 'jenkins' }), 'by'],
    ['a distribution for a place', async () => api.release({ ...acme, ...(await built()), at: 'ubuntu/jammy' }), 'at'],
    ['a file that is not there', () => api.release({ ...acme, files: ['none.txt'] }), 'none.txt'],
    ['a log for a listener', () => api.release({ ...acme, onEvent: console }), 'onEvent'],
  ],
  copyImage: [
    ['copyImage()', () => api.copyImage(), 'options'],
    ['no source', () => api.copyImage({ ...copying, from: undefined }), 'from'],
    ['the name of an image for a source', () => api.copyImage({ ...copying, from: 'acme/hello:1.2.3' }), 'from'],
    ['no target', () => api.copyImage({ ...copying, to: undefined }), 'to'],
    ['a name in capitals', () => api.copyImage({ ...copying, to: { ...copying.to, image: 'Hello' } }), 'to.image'],
    ['a source without a tag', () => api.copyImage({ ...copying, from: { ...place, tag: undefined } }), 'from.tag is missing'],
    ['one tag for a list', () => api.copyImage({ ...copying, tags: '1.2.3' }), 'tags'],
    ['tags that all move', () => api.copyImage({ ...copying, tags: [{ moves: 'latest' }] }), 'tags'],
    ['a misspelt option', () => api.copyImage({ ...copying, tag: 'x' }), 'tags'],
    ['a repository of packages', () => api.copyImage({ ...copying, from: { ...place, repository: memoryRepository() } }), 'from'],
  ],
  verifyFiles: [
    ['verifyFiles()', () => api.verifyFiles(), 'options'],
    ['a text for the list', () => api.verifyFiles('abc  a', { repository: memoryRepository() }), 'files'],
    ['no repository', () => api.verifyFiles(sums, {}), 'repository'],
    ['seconds as a text', () => api.verifyFiles(sums, { repository: memoryRepository(), deadline: '10m' }), 'deadline'],
    ['a misspelt option', () => api.verifyFiles(sums, { repository: memoryRepository(), onwait: () => 0 }), 'onWait'],
    ['a list that is none', () => api.parseSha256Sums('hello'), 'line 1'],
    ['a list that is not a string', () => api.parseSha256Sums(Buffer.from('')), 'a string'],
  ],
  'the verbs of a release': [
    ['publish()', () => api.publish(), 'options'],
    ['a manifest that is a text', () => api.publish('{}', { origin, repositories: repositories() }), 'the release manifest'],
    ['no origin', () => api.publish(manifest, { repositories: repositories() }), 'origin'],
    ['a repository that was not given', () => api.publish(fresh, { origin, repositories: {} }), 'staging'],
    ['a target that is not there', () => api.publish(manifest, { origin, repositories: repositories(), targets: ['none'] }), 'none'],
    ['one target for a list', () => api.publish(manifest, { origin, repositories: repositories(), targets: 'target 0' }), 'targets'],
    ['verify without repositories', () => api.verify(manifest, { published: true }), 'repositories'],
    ['fetch to nowhere', () => api.fetchStaged(manifest, { origin, repositories: repositories() }), 'to'],
    ['a misspelt option', () => api.publish(manifest, { origin, repositories: repositories(), target: ['target 0'] }), 'targets'],
    ['stage without a target', () => api.stage(planOf(), { origin, repositories: repositories(), files: ['a'] }), 'target'],
    ['stage without files', () => api.stage(planOf(), { origin, repositories: repositories(), target: 'ubuntu/jammy' }), 'files'],
    ['seal without records', () => api.seal(planOf(), undefined, { origin, now: manifest.sealedAt }), 'records'],
    ['foresee without a manifest', () => api.foresee(undefined, { origin, repositories: repositories() }), 'the release manifest'],
  ],
  'what is opened': [
    ['directory()', () => api.directory(), 'path'],
    ['a folder as an object', () => api.directory({ path: 'public' }), 'path'],
    ['packagecloud()', () => api.packagecloud(), 'repository'],
    ['a token that is a text', () => api.packagecloud('acme/stable', { token: secret }), 'token is a string'],
    ['a password that is a text', () => api.registry('registry.example', { username: 'me', password: secret }), 'password is a string'],
    ['a registry with an account in its name', () => api.registry(`me:${secret}@registry.example`), 'username'],
    ['the address of a registry with an account', () => api.registry(`https://me:${secret}@registry.example/acme`), 'username'],
    ['an authority that is a Buffer', () => api.packagecloud('acme/stable', { tls: { ca: Buffer.from('x') } }), 'ca'],
    ['a kind without settings', () => api.openRepository(library.builtIn[0], { server }), 'settings'],
    ['a token in the place of a variable', () => api.packagecloud('acme/stable', { token: { variable: secret } }), 'variable'],
    ['a password with a line break', () => api.packagecloud('acme/stable', { token: { value: `${secret}\n` } }), 'secret'],
    ['a registry that is an address', () => api.registry('https://registry.example'), 'registry'],
    ['a password without a user', () => api.registry('registry.example', { password: { value: secret } }), 'password'],
    [
      'an address with a password',
      () => api.packagecloud('acme/stable', { url: `https://me:${secret}@packages.example` }),
      'packages.example',
    ],
    ['an authority that is a path', () => api.packagecloud('acme/stable', { tls: { ca: '/etc/ca.pem' } }), 'ca'],
    ['a kind that is none', () => api.openRepository('directory', { settings: {} }), 'kind'],
    ['no settings', () => api.openRepository(library.builtIn[0], {}), 'settings'],
    ['variables that are a text', () => api.createEnvironment({ variables: secret }), 'variables'],
    ['a misspelt option', () => api.createEnvironment({ proxi: 'x' }), 'proxy'],
    ['a client without an origin', () => api.createHttpClient({}), 'origin'],
    ['a client with a misspelt limit', () => api.createHttpClient({ origin: server, limits: { conect: 1 } }), 'connect'],
    [
      'a scheme in capitals',
      () => api.createHttpClient({ origin: server, credential: { scheme: 'Bearer', token: { value: secret } } }),
      'scheme',
    ],
    ['hosts with a misspelt limit', () => new api.Hosts({ limits: { concurency: 1 } }), 'concurrency'],
    ['a package that is no path', () => api.inspectPackage(undefined), 'path'],
  ],
}

/** A package of its own folder. */
async function built() {
  const { path } = await debFile(await temporaryFolder())
  return { files: [path], at: () => acmeAt }
}

describe.each(Object.entries(calls))('%s', (_, wrong) => {
  test.each(wrong)('%s is refused by a sentence that names the argument, not a secret', async (_call, run, argument) => {
    const error: unknown = await (async () => run())().then(
      () => undefined,
      (reason: unknown) => reason,
    )
    const shown = error instanceof Error ? `${error.name} ${error.message}` : String(error)
    expect(isStagegateError(error), shown).toBe(true)
    expect(shown).toContain(argument)
    expect(library.exitCodeOfError(error), shown).toBe(2)
    expect(JSON.stringify([shown, error])).not.toContain('s3cret')
    expect(shown).not.toMatch(/pipeline\.ts|GitLab|CI\/CD/)
  })
})
