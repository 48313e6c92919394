import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { parseReceipt } from '@stagegate/schema'
import { beforeAll, describe, expect, test } from 'vitest'
import { contentOf, packagesIn, temporaryFolder } from '../release/files.js'
import { packages, World } from '../release/world.js'
import { type Captured, capture } from '../tasks/rehearsal.mjs'

const command = new URL('../../packages/cli/dist/stagegate.mjs', import.meta.url).pathname
const fullDisk = new URL('full-disk.mjs', import.meta.url).pathname
const receipt = '.stagegate/receipts/all.json'

let built: World
let sealed: World
beforeAll(async () => {
  built = await World.built({ pipeline: [['hold: Duration.days(14),', "hold: Duration.days(14),\n  approval: 'once',"]] })
  sealed = built.copy()
  for (const target of ['ubuntu/jammy', 'debian/bookworm', 'any/any'])
    await sealed.succeed(['stage', '--target', target, sealed.built(target)])
  await sealed.succeed(['seal'])
}, 300_000)

function partsIn(world: World): readonly string[] {
  return readdirSync(world.path('.stagegate'), { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.part'))
}

test('a folder of documents that is a link out of the checkout is refused, and nothing is written there', async () => {
  const [world, elsewhere] = [built.copy(), temporaryFolder()]
  mkdirSync(world.path('.stagegate'), { recursive: true })
  symlinkSync(elsewhere, world.path('.stagegate/records'))
  const result = await world.run(['stage', '--target', 'any/any', world.built('any/any')])
  expect(result.exitCode, result.output).toBe(2)
  expect(result.stderr).toContain('a symbolic link leads out of the job’s folder, to ')
  expect([readdirSync(elsewhere), packagesIn(world.path('repositories'))]).toEqual([[], {}])
})

describe('a document that cannot be written stops the job before it does anything', () => {
  const commands = [
    { name: 'stage', words: ['stage', '--target', 'any/any'], place: '.stagegate/records/any%2Fany.json' },
    { name: 'seal', words: ['seal'], place: '.stagegate/release-manifest.json' },
    { name: 'approve', words: ['approve'], place: '.stagegate/approval.json' },
    { name: 'publish', words: ['publish'], place: receipt },
    { name: 'verify', words: ['verify'], place: '.stagegate/verifications/all.json' },
  ]
  const breaks: readonly (readonly [what: string, happen: (place: string) => void, word: string, below?: boolean])[] = [
    ['a folder in its place', (place) => mkdirSync(place, { recursive: true }), 'EISDIR'],
    ['a file in place of its folder', (place) => writeFileSync(dirname(place), ''), 'EEXIST|ENOTDIR', true],
    ['links that go round in place of its folder', (place) => symlinkSync(dirname(place), dirname(place)), 'ELOOP|EEXIST', true],
  ]
  const cases = commands.flatMap(({ name, words, place }) =>
    breaks
      // What lies in .stagegate itself needs that for what is read.
      .filter(([, , , below]) => below !== true || dirname(place) !== '.stagegate')
      .map(([what, happen, word]) => ({ name, what, words, place, happen, word })),
  )

  /** As it is right before the command. */
  async function worldFor(name: string): Promise<World> {
    const world = (name === 'stage' ? built : sealed).copy()
    if (name === 'seal') {
      rmSync(world.path('.stagegate/seals'), { recursive: true })
      rmSync(world.path('.stagegate/release-manifest.json'))
    }
    if (name === 'publish' || name === 'verify') await world.succeed(['approve'])
    if (name === 'verify') {
      await world.succeed(['publish'])
      rmSync(world.path('.stagegate/verifications'), { recursive: true, force: true })
    }
    return world
  }

  test.each(cases)('$name, where there is $what', async ({ name, words, place, happen, word }) => {
    const world = await worldFor(name)
    rmSync(dirname(world.path(place)) === world.path('.stagegate') ? world.path(place) : dirname(world.path(place)), {
      recursive: true,
      force: true,
    })
    mkdirSync(world.path('.stagegate'), { recursive: true })
    happen(world.path(place))
    const before = contentOf(world.path('repositories'))
    const file = name === 'stage' ? [world.built('any/any')] : []
    const result = await world.run([...words, ...file])
    expect(result.exitCode, result.output).toBe(2)
    expect(result.stderr).toMatch(
      new RegExp(
        `^stagegate: ${place.replace(/[.]/g, '\\.')} cannot be written: .*\\((?:${word})\\)\nA job writes .* Nothing was done\\.\n$`,
      ),
    )
    expect(contentOf(world.path('repositories'))).toEqual(before)
    expect(contentOf(world.path('.stagegate/seals'))).toEqual(
      name === 'seal' || name === 'stage' ? {} : contentOf(sealed.path('.stagegate/seals')),
    )
  })
})

describe('on a disk that is full', () => {
  const publish = (world: World, after: number): Promise<Captured> =>
    capture(process.execPath, ['--import', fullDisk, command, 'publish'], {
      cwd: world.checkout,
      timeout: 60_000,
      variables: { STAGEGATE_REHEARSAL: '1', FULL_AFTER: String(after) },
    })

  test('from the beginning, nothing is published: the job can be run again elsewhere', async () => {
    const world = sealed.copy()
    await world.succeed(['approve'])
    const result = await publish(world, 0)
    expect(result.exitCode, result.output).toBe(4)
    expect(result.stderr).toBe(
      `stagegate: ${receipt} cannot be written: the disk is full (ENOSPC)\nFree some disk space, then run the job again.\n`,
    )
    expect(packagesIn(world.path('repositories/stable'))).toEqual({})
  })

  test.each([2, 3])(
    'after %i files, the published ones are reported, and that the receipt was not kept; another run keeps it',
    async (after) => {
      const world = sealed.copy()
      await world.succeed(['approve'])
      const result = await publish(world, after)
      expect(result.exitCode, result.output).toBe(4)
      expect(result.stdout).toMatch(/^(published .*\n){3}3 published \(rehearsal\)\.\n$/)
      expect(result.stderr).toContain('stagegate: 3 published, but the receipt could not be written. .stagegate/receipts/all.')
      expect(result.stderr).toMatch(/the disk is full \(ENOSPC\)\nRun the job again: /)
      expect(Object.keys(packagesIn(world.path('repositories/stable')))).toHaveLength(3)
      // What could be written before says that it is not known.
      const verdicts = parseReceipt(world.read(receipt), receipt).outcomes.map(({ verdict }) => verdict)
      expect(new Set(verdicts)).toContain('undetermined')
      expect(partsIn(world)).toEqual([])
      await world.succeed(['publish'])
      expect(parseReceipt(world.read(receipt), receipt).outcomes.map(({ verdict }) => verdict)).toEqual(Array(3).fill('already-public'))
    },
  )

  test('a conflict is still for a person', async () => {
    const world = sealed.copy()
    await world.succeed(['approve'])
    const [first = ''] = packages
    const path = world.path('repositories/stable', first)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, 'other')
    const result = await publish(world, 2)
    expect(result.exitCode, result.output).toBe(3)
    expect(result.stdout).toContain('2 published, 1 conflict, but the receipt could not be written.')
  })
})

test('several jobs at once in one folder leave whole documents, and nothing else', { timeout: 300_000 }, async () => {
  const world = sealed.copy()
  await world.succeed(['approve'])
  const all = await Promise.all(Array.from({ length: 4 }, () => world.run(['publish'])))
  for (const { exitCode, output } of all) expect(exitCode, output).toBe(0)
  expect(parseReceipt(world.read(receipt), receipt).outcomes).toHaveLength(3)
  expect(partsIn(world)).toEqual([])
})

test('an unreadable file is reported in a sentence, too', async () => {
  const world = sealed.copy()
  rmSync(world.path('.stagegate/release-manifest.json'))
  mkdirSync(world.path('.stagegate/release-manifest.json'))
  expect(await world.run(['publish'])).toMatchObject({
    exitCode: 2,
    stderr: 'stagegate: .stagegate/release-manifest.json: it cannot be read: it is a folder (EISDIR)\n',
  })
})

test('a job whose folder is gone says so', async () => {
  const world = sealed.copy()
  await world.succeed(['approve'])
  rmSync(world.path('.stagegate'), { recursive: true })
  expect(await world.run(['publish'])).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('there is no release manifest') })
})

describe('verify', () => {
  test('says at once of what the receipt saw in public that it is gone, and exits 3', async () => {
    const world = sealed.copy()
    await world.succeed(['approve'])
    await world.succeed(['publish'])
    rmSync(world.path('repositories/stable', packages[2] ?? ''))
    // Waiting for it would take ten minutes.
    const result = await world.run(['verify'])
    expect(result.exitCode, result.output).toBe(3)
    expect(result.stdout).toMatch(
      /^gone {11}hello-doc_1\.2\.3-1_all\.deb for any\/any in stable\n {2}It was public at \d{4}-[\dT:.-]+Z, but is gone\.\n {2}Find out who removed it/m,
    )
    expect(result.stdout).toContain('\nA person must investigate. Verification: ')
    expect(world.read('.stagegate/verifications/all.junit.xml')).toContain('<failure message="gone">')
    await world.succeed(['publish'])
    await world.succeed(['verify'])
  })

  test('leaves a receipt aside that it cannot read', async () => {
    const world = sealed.copy()
    await world.succeed(['approve'])
    await world.succeed(['publish'])
    world.write(receipt, '{')
    const result = await world.succeed(['verify'])
    expect(result.stdout).toContain(`${receipt} cannot be read as a receipt and is ignored.`)
  })
})

describe('a version is not used up if staging has lost an artifact', () => {
  test('seal looks first, and records nothing; staged again, it is sealed', async () => {
    const world = built.copy()
    const stageAll = async () => {
      for (const target of ['ubuntu/jammy', 'debian/bookworm', 'any/any'])
        await world.succeed(['stage', '--target', target, world.built(target)])
    }
    await stageAll()
    rmSync(world.path('repositories/staging'), { recursive: true })
    const result = await world.run(['seal'])
    expect(result.exitCode, result.output).toBe(3)
    expect(result.stderr).toContain(
      'is no longer in staging, and 2 more like it\nNothing was sealed, so the version is still unused. Run the stage jobs again',
    )
    expect(contentOf(world.path('.stagegate/seals'))).toEqual({})
    await stageAll()
    await world.succeed(['seal'])
    // What is sealed is sealed: doing it again asks nobody.
    rmSync(world.path('repositories/staging'), { recursive: true })
    await world.succeed(['seal'])
    const fetched = await world.run(['fetch', '--to', 'incoming'])
    expect(fetched).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining('Run its stage job again first: as long as GitLab keeps the built artifacts'),
    })
  })

  test('a stage job that did not end is named', async () => {
    const world = sealed.copy()
    const path = '.stagegate/records/any%2Fany.json'
    const { origin, release, target } = JSON.parse(world.read(path))
    const attempt = {
      apiVersion: 'stagegate/v1',
      kind: 'StagingAttempt',
      origin,
      release,
      target,
      repository: 'staging',
      files: [],
      begunAt: '2026-01-31T12:00:00.000Z',
    }
    world.write(path, JSON.stringify(attempt))
    const result = await world.run(['seal'])
    expect(result.exitCode, result.output).toBe(3)
    expect(result.stderr).toContain(
      'stage: [any/any] began to stage any/any at 2026-01-31T12:00:00.000Z, but did not finish\nNothing was sealed.',
    )
  })
})

test('fetching into a folder that has other packages names them', async () => {
  const world = sealed.copy()
  const first = await world.succeed(['fetch', '--to', 'incoming'])
  expect(first.stdout).not.toContain('Also there')
  for (const path of ['incoming/old_1_all.deb', 'incoming/any/any/old-2.rpm', 'incoming/notes.txt']) world.write(path, '')
  const again = await world.succeed(['fetch', '--to', 'incoming', '--json'])
  expect(again.stderr).toContain(
    'Also in the folder, but not fetched: any/any/old-2.rpm, old_1_all.deb. A script that installs everything below incoming installs these too.\n',
  )
  expect(JSON.parse(again.stdout)).toHaveLength(3)
})
