// The programs of examples/library, as somebody has them who installed the packages.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeDeb, startPackagecloud, startRegistry } from '@stagegate/uploader/testing'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { tls } from '../authority.js'
import { listen } from '../listen.js'
import { contentOf, temporaryFolder } from '../release/files.js'
import { capture } from '../tasks/rehearsal.mjs'

const root = new URL('../..', import.meta.url).pathname
const project = temporaryFolder()
const tsc = join(root, 'node_modules/.bin/tsc')

beforeAll(async () => {
  cpSync(join(root, 'examples/library'), project, { recursive: true, filter: (path) => !/node_modules|dist/.test(path) })
  for (const name of ['schema', 'uploader']) install(name)
  symlinkSync(join(root, 'node_modules/@types'), join(project, 'node_modules/@types'))
  const compiled = await capture(tsc, ['-p', '.'], { cwd: project, timeout: 60_000 })
  expect(compiled.exitCode, compiled.output).toBe(0)
}, 300_000)

/** What npm would put there: the packed package, and the packages that it depends on. */
function install(name: string): void {
  const source = join(root, 'packages', name)
  const packed = temporaryFolder()
  execFileSync(join(root, 'node_modules/.bin/pnpm'), ['pack', '--pack-destination', packed], { cwd: source, stdio: 'pipe' })
  const folder = join(project, 'node_modules/@stagegate', name)
  mkdirSync(folder, { recursive: true })
  const [tarball = ''] = readdirSync(packed)
  execFileSync('tar', ['--extract', '--gzip', '--strip-components=1', '--file', join(packed, tarball)], { cwd: folder })
  const { dependencies = {} }: { dependencies?: Record<string, string> } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  for (const dependency of Object.keys(dependencies).filter((one) => !one.startsWith('@stagegate/'))) {
    const path = join(project, 'node_modules', dependency)
    mkdirSync(join(path, '..'), { recursive: true })
    try {
      symlinkSync(join(source, 'node_modules', dependency), path)
    } catch (error) {
      // Both depend on it.
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    }
  }
}

/** Runs a program in a folder of its own. */
function run(program: string, folder: string, variables: Record<string, string> = {}, words: readonly string[] = []) {
  const trusted = { NODE_EXTRA_CA_CERTS: process.env['NODE_EXTRA_CA_CERTS'] ?? '', ...variables }
  return capture(process.execPath, [join(project, 'dist', program), ...words], { cwd: folder, timeout: 60_000, variables: trusted })
}

function write(folder: string, path: string, data: string | Uint8Array): void {
  mkdirSync(join(folder, path, '..'), { recursive: true })
  writeFileSync(join(folder, path), data)
}

const digestOf = (data: string | Uint8Array) => createHash('sha256').update(data).digest('hex')
const deb = makeDeb({ name: 'hello', version: '1.2.3-1', architecture: 'amd64' })

async function startStable(repositories: Parameters<typeof startPackagecloud>[0]['repositories']) {
  const server = await startPackagecloud({ tls, repositories })
  onTestFinished(async () => {
    await server.close()
    expect(server.violations).toEqual([])
  })
  return server
}

/** Takes each path once, from whoever has the key. */
async function startShelf(files: ReadonlyMap<string, string | Uint8Array>) {
  const stored = new Map(files)
  const server = await listen((request, response) => {
    const path = request.url ?? ''
    const data = stored.get(path)
    request.resume().on('end', () => {
      if (data === undefined) response.writeHead(404).end()
      else response.writeHead(200, { 'content-length': data.length }).end(request.method === 'HEAD' ? undefined : data)
    })
  })
  onTestFinished(() => server.close())
  return server
}

test('their types fit under a bundler’s resolution, too, and without leaving libraries out', async () => {
  const words = ['-p', '.', '--module', 'esnext', '--moduleResolution', 'bundler', '--noEmit']
  const checked = await capture(tsc, words, { cwd: project, timeout: 60_000 })
  expect(checked.exitCode, checked.output).toBe(0)
})

test('each is under 40 lines', () => {
  for (const file of readdirSync(join(root, 'examples/library')).filter((name) => name.endsWith('.ts')))
    expect(
      readFileSync(join(root, 'examples/library', file), 'utf8')
        .trimEnd()
        .split('\n').length,
      file,
    ).toBeLessThan(40)
})

test('folder.ts releases to two places, and a second run sends nothing', async () => {
  const server = await startStable({ 'acme/stable': { token: 'one', private: false } })
  const folder = temporaryFolder()
  write(folder, 'dist/ubuntu/jammy/hello.deb', deb)
  const variables = { PACKAGES_URL: server.url, PACKAGES_TOKEN: 'one', BUILD_NUMBER: '4711' }
  for (const verdict of ['published', 'already-public']) {
    const { output, exitCode } = await run('folder.js', folder, variables)
    expect(output).toBe(`${verdict} ubuntu/jammy/hello.deb in mirror\n${verdict} ubuntu/jammy/hello.deb in stable\n`)
    expect(exitCode).toBe(0)
  }
  expect(server.packages('acme/stable').map(({ digests }) => digests.sha256)).toEqual([digestOf(deb)])
  expect(contentOf(join(folder, 'mirror'))).toHaveProperty(['ubuntu/jammy/hello_1.2.3-1_amd64.deb'], digestOf(deb))
  const { by } = JSON.parse(readFileSync(join(folder, 'receipt.json'), 'utf8'))
  expect(by).toEqual({ ci: 'jenkins', run: '4711' })
})

test('image.ts copies the image, and moves latest', async () => {
  const [source, target] = await Promise.all([startRegistry({ tls }), startRegistry({ tls, tokens: { account: 'acme:secret' } })])
  onTestFinished(() => Promise.all([source.close(), target.close()]).then(() => undefined))
  const stored = source.image('acme/hello')
  const config = { mediaType: 'application/vnd.oci.empty.v1+json', digest: `sha256:${digestOf('{}')}`, size: 2 }
  stored.blobs.set(config.digest, Buffer.from('{}'))
  const manifest = Buffer.from(JSON.stringify({ schemaVersion: 2, config, layers: [] }))
  stored.add('application/vnd.oci.image.manifest.v1+json', manifest, '1.2.3')
  const placeOf = ({ url }: { url: string }) => `${new URL(url).host}/acme`
  const variables = { STAGING: placeOf(source), PUBLIC: placeOf(target), HUB_PASSWORD: 'secret' }
  const { output, exitCode } = await run('image.js', temporaryFolder(), variables)
  const digest = digestOf(manifest)
  expect(output).toBe(`published ${digest} \n1.2.3 nothing -> ${digest}\nlatest nothing -> ${digest}\n`)
  expect(exitCode).toBe(0)
  expect(target.image('acme/hello').tags.get('latest')).toBe(stored.tags.get('1.2.3'))
})

test('sha256sums.ts reads files back over HTTPS, and tells other bytes', async () => {
  const server = await startShelf(
    new Map([
      ['/files/hello/1.2.3/hello.tar.gz', 'hello'],
      ['/files/hello/1.2.3/hello.zip', 'another one'],
    ]),
  )
  const folder = temporaryFolder()
  write(folder, 'SHA256SUMS', `${digestOf('hello')}  hello.tar.gz\n${digestOf('hello')}  hello.zip\n`)
  const { output, exitCode } = await run('sha256sums.js', folder, { DOWNLOADS: server.url })
  expect(output).toBe('hello.tar.gz expected-bytes \nhello.zip other-bytes \n')
  expect(exitCode).toBe(3)
})

test('service.ts releases for two tenants at once, and one with a wrong token harms no other', async () => {
  const server = await startStable({ 'one/stable': { token: 'one', private: false }, 'two/stable': { token: 'two', private: false } })
  const folder = temporaryFolder()
  write(folder, 'hello.deb', deb)
  write(
    folder,
    'program.mjs',
    `import { releaseFor } from ${JSON.stringify(join(project, 'dist/service.js'))}
const tenant = (name, token) => ({ name, version: '1.2.3', repository: name + '/stable', files: ['hello.deb'], token: async () => token })
const { signal } = new AbortController()
const receipts = await Promise.all([tenant('one', 'one'), tenant('two', 'wrong')].map((one) => releaseFor(one, () => undefined, signal)))
console.log(JSON.stringify(receipts.map(({ by, outcomes }) => [by.tenant, ...outcomes.map(({ verdict }) => verdict)])))`,
  )
  const variables = { NODE_EXTRA_CA_CERTS: process.env['NODE_EXTRA_CA_CERTS'] ?? '', PACKAGES_URL: server.url }
  const { output } = await capture(process.execPath, ['program.mjs'], { cwd: folder, timeout: 60_000, variables })
  expect(JSON.parse(output)).toEqual([
    ['one', 'published'],
    ['two', 'failed'],
  ])
})

test('progress.ts shows how far it is, and ends on Ctrl+C without a half file', async () => {
  const folder = temporaryFolder()
  for (const name of ['a.bin', 'b.bin']) write(folder, name, Buffer.alloc(3_000_000, name))
  const { output, exitCode } = await run('progress.js', folder, {}, ['a.bin', 'b.bin'])
  expect(output).toContain('a.bin: 100 %')
  expect(output).toContain('b.bin: published')
  expect(exitCode).toBe(0)
  // It stops itself, as a person would, once it has begun.
  const stopping = `let told = 0; const { log } = console; console.log = (...words) => { log(...words); if (++told === 1) process.kill(process.pid, 'SIGINT') }; await import(${JSON.stringify(join(project, 'dist/progress.js'))})`
  write(folder, 'stop.mjs', `process.argv = [process.argv[0], 'stop.mjs', 'c.bin']; ${stopping}`)
  write(folder, 'c.bin', Buffer.alloc(200_000_000))
  const stopped = await capture(process.execPath, ['stop.mjs'], { cwd: folder, timeout: 60_000 })
  expect(stopped.output).toContain('c.bin run/cancelled stopped by hand')
  expect(stopped.exitCode).toBe(4)
  expect(Object.keys(contentOf(join(folder, 'mirror'))).sort()).toEqual(['.sha256/a.bin', '.sha256/b.bin', 'a.bin', 'b.bin'])
})

test('own-repository.ts keeps what a repository promises', { timeout: 300_000 }, async () => {
  const tested = await capture(process.execPath, ['--test', '--test-reporter=tap', 'dist/own-repository.test.js'], {
    cwd: project,
    timeout: 120_000,
  })
  expect(tested.exitCode, tested.output).toBe(0)
  expect(tested.output).toMatch(/^# pass [1-9]\d*$/m)
})
