import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseReceipt, parseReleaseManifest, parseVerification } from '@stagegate/schema'
import { beforeAll, describe, expect, test } from 'vitest'
import { capture, packInto, runJobs } from '../tasks/rehearsal.mjs'
import { atEach, dieAt, spread } from './crash/killing.js'
import { changedTimes, contentOf, temporaryFolder } from './files.js'
import { tag, World } from './world.js'

const command = new URL('../../packages/cli/dist/stagegate.mjs', import.meta.url).pathname
const quickstart = readFileSync(new URL('../offline/pipeline.ts', import.meta.url), 'utf8')

const pipeline = `import { App, Condition, Deployment, FileTarget, PipelineKind, PublicRepo, Release, StagingRepo } from 'stagegate'
import * as repositories from './repositories.ts'

const app = new App({ cli: { install: ['npm install --omit=dev --ignore-scripts --no-save --no-audit --no-fund ./packed/*.tgz'], pin: false } })
app.accept('isolation/command-not-pinned', 'a test')
app.accept('isolation/image-not-pinned', 'a test')
const tagged = new PipelineKind(app, 'release', { when: Condition.tag(/^v(?<version>\\d+\\.\\d+\\.\\d+)$/) })
const staging = new StagingRepo(app, 'staging', { at: repositories.staging })
const stable = new PublicRepo(app, 'stable', { at: repositories.stable })
const release = new Release(app, 'hello', { routes: [{ on: tagged, staging, public: stable }] })
new FileTarget(release, 'binaries', { build: { script: ['mkdir bin', 'head -c 70000 /dev/zero > bin/hello'] }, files: 'bin/*' })
new FileTarget(release, 'extras', {
  build: { script: ['mkdir more', 'echo all of it > more/CHANGES.txt'] },
  files: 'more/*',
  path: 'hello/{version}/doc',
  optional: true,
})
new Deployment(release, 'production', {
  script: ['node .stagegate/stagegate.mjs fetch --to incoming', 'wc -c incoming/binaries/hello'],
})
export default app
`

const sha256 = (data: Buffer) => createHash('sha256').update(data).digest('hex')
const program = Buffer.from(Array.from({ length: 5 * 2 ** 20 }, (_, index) => (index * 7919) % 251))
const files: Readonly<Record<string, Buffer>> = {
  hello: program,
  'hello+gui~rc1@x64.exe': Buffer.from('MZ\u0000\u0001binary'),
  SHA256SUMS: Buffer.from(`${sha256(program)}  hello\n`),
}
const published = Object.fromEntries(Object.entries(files).map(([name, data]) => [`hello/1.2.3/${name}`, sha256(data)]))

/** The files that a user sees: without the index of a directory, and without what a crash has left. */
function downloadsIn(folder: string): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(contentOf(folder)).filter(([path]) => !path.startsWith('.sha256') && !path.endsWith('.part')))
}

function write(world: World, folder: string, content: Readonly<Record<string, string | Buffer>>): void {
  rmSync(world.path(folder), { recursive: true, force: true })
  mkdirSync(world.path(folder))
  for (const [name, data] of Object.entries(content)) writeFileSync(world.path(folder, name), data)
}

/** A checkout in which `bin/` is built. */
async function builtWorld(): Promise<World> {
  const world = await World.built({ pipeline: [[quickstart, pipeline]] })
  write(world, 'bin', files)
  return world
}

const receiptOf = (world: World, name = 'all') => {
  const path = `.stagegate/receipts/${name}.json`
  return parseReceipt(world.read(path), path).outcomes.map(({ verdict }) => verdict)
}

describe('by hand, as a rehearsal', () => {
  let built: World
  let sealed: World
  beforeAll(async () => {
    built = await builtWorld()
    sealed = built.copy()
    await sealed.succeed(['stage', '--target', 'binaries'])
    await sealed.succeed(['seal'])
  }, 300_000)

  test('files are staged, sealed, foreseen, published once and verified', { timeout: 300_000 }, async () => {
    const world = sealed.copy()
    const [target] = parseReleaseManifest(world.read('.stagegate/release-manifest.json'), 'the manifest').targets
    expect(Object.fromEntries(target?.artifacts.map(({ location, content }) => [location, content.sha256]) ?? [])).toEqual(published)
    expect((await world.succeed(['publish', '--dry-run'])).stdout).toContain('Publishing now would send 3 of 3 artifacts.')
    expect(downloadsIn(world.path('repositories/stable'))).toEqual({})
    const log = await world.succeed(['publish', '--target', 'binaries'])
    expect(log.output).toContain('hello/1.2.3/hello+gui~rc1@x64.exe')
    expect(downloadsIn(world.path('repositories/stable'))).toEqual(published)
    const before = changedTimes(world.path('repositories/stable'))
    await world.succeed(['publish', '--target', 'binaries'])
    expect(receiptOf(world, 'binaries')).toEqual(['already-public', 'already-public', 'already-public'])
    expect(changedTimes(world.path('repositories/stable'))).toEqual(before)
    await world.succeed(['verify', '--target', 'binaries'])
    const path = '.stagegate/verifications/binaries.json'
    expect(parseVerification(world.read(path), path).findings.map(({ found }) => found)).toEqual(Array(3).fill('sealed-bytes'))
  })

  test('an optional target is sealed late, beside the release', { timeout: 300_000 }, async () => {
    const world = sealed.copy()
    write(world, 'more', { 'CHANGES.txt': 'all of it' })
    await world.succeed(['stage', '--target', 'extras'])
    await world.succeed(['seal', '--target', 'extras'])
    await world.succeed(['publish', '--target', 'extras'])
    expect(Object.keys(downloadsIn(world.path('repositories/stable')))).toEqual(['hello/1.2.3/doc/CHANGES.txt'])
  })

  test('a deployment fetches them under their own names', { timeout: 300_000 }, async () => {
    const world = sealed.copy()
    await world.succeed(['fetch', '--to', 'incoming'])
    expect(contentOf(world.path('incoming/binaries'))).toEqual(
      Object.fromEntries(Object.entries(files).map(([name, data]) => [name, sha256(data)])),
    )
    writeFileSync(world.path('incoming/binaries/of-yesterday'), 'x')
    expect((await world.succeed(['fetch', '--to', 'incoming'])).stdout).toContain(
      'Also in the folder, but not fetched: binaries/of-yesterday.',
    )
  })

  test.each<[string, (world: World) => void, string]>([
    [
      'another public file of the name is a conflict',
      (world) => {
        mkdirSync(world.path('repositories/stable/hello/1.2.3'), { recursive: true })
        writeFileSync(world.path('repositories/stable/hello/1.2.3/hello'), 'other')
      },
      'conflict',
    ],
    [
      'other bytes in staging are tampered',
      (world) => writeFileSync(world.path('repositories/staging/hello/1.2.3/hello'), 'other'),
      'tampered',
    ],
    ['a file that staging lost is missing', (world) => rmSync(world.path('repositories/staging/hello/1.2.3/hello')), 'missing'],
  ])('%s, and the others are published', { timeout: 300_000 }, async (_what, change, verdict) => {
    const world = sealed.copy()
    change(world)
    const { exitCode, output } = await world.run(['publish', '--target', 'binaries'])
    expect(exitCode, output).toBe(3)
    expect([...receiptOf(world, 'binaries')].sort()).toEqual([verdict, 'published', 'published'].sort())
  })

  test.each<[string, Readonly<Record<string, string | Buffer>>, readonly string[]]>([
    ['an empty file', { hello: '', other: 'x' }, ['bin/hello: it is empty']],
    ['a name with spaces', { 'Hello Setup.exe': 'x' }, ['bin/Hello Setup.exe: its name has characters other than']],
    ['a name of other letters', { 'héllo.txt': 'x' }, ['bin/héllo.txt: its name has characters other than']],
    ['a hidden file', { hello: 'x', '.DS_Store': 'x' }, ['bin/.DS_Store: it is hidden']],
    ['no file', {}, ['no file matches bin/*']],
  ])('%s is refused before anything is staged', { timeout: 300_000 }, async (_what, content, words) => {
    const world = built.copy()
    write(world, 'bin', content)
    const { exitCode, stderr } = await world.run(['stage', '--target', 'binaries'])
    expect(exitCode, stderr).toBe(2)
    for (const text of words) expect(stderr).toContain(text)
    expect(downloadsIn(world.path('repositories/staging'))).toEqual({})
  })

  test('no link leads a file out of the folder: the variables of the job stay where they are', { timeout: 300_000 }, async () => {
    for (const to of ['/proc/self/environ', '/etc/hostname', command]) {
      const world = built.copy()
      write(world, 'bin', { hello: 'x' })
      symlinkSync(to, world.path('bin/stolen'))
      const { exitCode, stderr } = await world.run(['stage', '--target', 'binaries'])
      expect(exitCode, stderr).toBe(2)
      expect(stderr).toContain('bin/stolen: a link leads to')
      expect(downloadsIn(world.path('repositories/staging'))).toEqual({})
    }
    const world = built.copy()
    rmSync(world.path('bin'), { recursive: true })
    symlinkSync('/etc', world.path('bin'))
    expect((await world.run(['stage', '--target', 'binaries'])).stderr).toMatch(/^.*bin\/\S+: a link leads to \/etc\//)
  })

  test('a link to a file beside it is that file', { timeout: 300_000 }, async () => {
    const world = built.copy()
    symlinkSync('hello', world.path('bin/hello-linux'))
    await world.succeed(['stage', '--target', 'binaries'])
    expect(downloadsIn(world.path('repositories/staging'))).toEqual({ ...published, 'hello/1.2.3/hello-linux': sha256(program) })
  })

  test('a package target says where other files belong', { timeout: 300_000 }, async () => {
    const world = await World.built()
    const { exitCode, stderr } = await world.run(['stage', '--target', 'any/any', 'README.md'])
    expect(exitCode).toBe(2)
    expect(stderr).toContain('To release a file of another kind in a pipeline, use a FileTarget')
  })

  test.each([
    ['stage', 'repositories/staging'],
    ['publish', 'repositories/stable'],
  ])('statement 4: %s, killed at any step and run again, ends with the same files', { timeout: 300_000 }, async (verb, folder) => {
    const from = verb === 'stage' ? built : sealed
    const until = (world: World, step: number, countFile = '') =>
      capture(process.execPath, ['--import', dieAt, command, verb, '--target', 'binaries'], {
        cwd: world.checkout,
        timeout: 60_000,
        variables: { STAGEGATE_REHEARSAL: '1', DIE_AT: String(step), DIE_COUNT: countFile },
      })
    const countFile = join(temporaryFolder(), 'steps')
    expect((await until(from.copy(), -1, countFile)).exitCode).toBe(0)
    await atEach(spread(JSON.parse(readFileSync(countFile, 'utf8')).steps, { least: 40, most: 30 }), async (step) => {
      const world = from.copy()
      const killed = await until(world, step)
      expect([0, 137], killed.output).toContain(killed.exitCode)
      expect(published, `after step ${step}`).toMatchObject(downloadsIn(world.path(folder)))
      await world.succeed([verb, '--target', 'binaries'])
      expect(downloadsIn(world.path(folder)), `after step ${step}`).toEqual(published)
    })
  })
})

test('the pipeline takes them from the tag to the public, as gitlab-ci-local runs it', { timeout: 300_000 }, async () => {
  const packed = join(temporaryFolder(), 'packed')
  packInto(packed)
  const world = await World.built({ pipeline: [[quickstart, pipeline]] })
  cpSync(packed, world.path('packed'), { recursive: true })
  for (const words of [
    ['add', '--all', '--force'],
    ['-c', 'user.name=T', '-c', 'user.email=t@example.org', 'commit', '-qm', 'packed'],
    ['tag', '-f', tag],
  ])
    expect((await capture('git', words, { cwd: world.checkout, timeout: 30_000 })).exitCode).toBe(0)
  const jobs = (names: readonly string[], withNeeds = false) => runJobs(world.checkout, { tag, jobs: names, withNeeds })
  const gate = await jobs(['deploy: [production]'], true)
  expect(gate.exitCode, gate.log).toBe(0)
  expect(gate.log).toContain('70000 incoming/binaries/hello')
  expect(existsSync(world.path('repositories/stable'))).toBe(false)
  const published = await jobs(['publish: [binaries]'])
  expect(published.exitCode, published.log).toBe(0)
  expect(Object.keys(downloadsIn(world.path('repositories/stable')))).toEqual(['hello/1.2.3/hello'])
  const verified = await jobs(['verify: [binaries]'])
  expect(verified.exitCode, verified.log).toBe(0)
})
