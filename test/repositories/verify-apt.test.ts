// verify with the real apt-get beside our own reader, over HTTPS: each sees what the other tolerates.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import {
  type AptRepositoryOptions,
  aptGet,
  aptRepository,
  type Call,
  type Finding,
  instant,
  type PackageCoordinates,
  type PackageManager,
  type PackageSource,
} from '@stagegate/uploader'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { ca } from '../authority.js'
import { listen } from '../listen.js'
import { temporaryFolder } from '../release/files.js'
import { type Key, signatureWith, yesterdaysKey } from '../tasks/keys.mjs'
import { startNginx } from '../tasks/servers.mjs'
import { deb, published } from './apt-trees.js'
import { contentOf } from './source.js'
import type { Built } from './trees.js'
import { behind, leftBehind, type Sealed, short, startProxy, verifying } from './verifying.js'

const distribution = 'debian/stable'
const sealed = (built: Built, data?: Buffer): Sealed => {
  const [, name = '', version = '', architecture = ''] = /^(.+)_(.+)_(.+)\.deb$/.exec(built.file) ?? []
  return {
    built,
    at: { format: 'deb', distribution, name, version: epochOf(name) + version, architecture, file: built.file },
    ...(data && { data }),
  }
}
const epochOf = (name: string) => (name === 'libstdc++' ? '1:' : '')
const acme = deb('acme', '1.0')
const packages = [
  acme,
  deb('acme-doc', '1.0', 'all'),
  deb('libstdc++', '1:2.0~rc1+b1-3', 'arm64'),
  // Nothing that it depends on is there.
  deb('needy', '1.0', 'amd64', { Depends: 'nothing-of-it (>= 2)' }),
]

// Others of this machine have theirs elsewhere.
process.env['TMPDIR'] = temporaryFolder()
let [key, other]: readonly Key[] = []
let files: string
let server: Awaited<ReturnType<typeof startNginx>>
beforeAll(async () => {
  ;[key, other] = await Promise.all([yesterdaysKey('acme'), yesterdaysKey('other')])
  files = temporaryFolder()
  server = await startNginx(temporaryFolder(), `server { listen PORT; root ${files}; }`)
  await published({ on: files }, { path: 'whole', keys: [theKey()] }, packages, distribution)
})
afterAll(() => server?.stop())
const theKey = (which: Key | undefined = key): Key => {
  if (which === undefined) throw new Error('Expected a key')
  return which
}

let copies = 0
/** A copy of the tree, with something changed, and the repository as its users reach it. */
async function changed(change: (folder: string) => unknown = () => undefined, settings: Partial<AptRepositoryOptions> = {}) {
  const path = `copy-${copies++}`
  cpSync(join(files, 'whole'), join(files, path), { recursive: true })
  await change(join(files, path))
  return aptRepository({ on: behind(server.url), path, signWith: { value: theKey().secret }, ...settings })
}

/** Writes the suite's Release file anew. */
async function signAnew(folder: string, by: Key, edit: (text: string) => string): Promise<void> {
  const file = join(folder, 'dists/stable/InRelease')
  const text = /\n\n([\s\S]*)\n-----BEGIN PGP SIGNATURE/.exec(readFileSync(file, 'utf8'))?.[1] ?? ''
  writeFileSync(file, await signatureWith(by, Buffer.from(`${edit(text)}\n`), '--clear-sign'))
}

/** Lists another package, and then no longer, as a tool does that knows nothing of the state before. */
async function vanish(folder: string): Promise<void> {
  const file = join(folder, 'dists/stable/InRelease')
  const before = readFileSync(file)
  await published({ on: files }, { path: basename(folder), keys: [theKey()] }, [deb('acme', '1.1')], distribution)
  const after = readFileSync(file)
  writeFileSync(join(folder, 'dists/stable/by-hash/SHA256', contentOf(after).sha256), after)
  writeFileSync(file, before)
  await signAnew(
    folder,
    theKey(),
    (text) => `${text.replace(/\nX-Stagegate-Former: .*/, '')}\nX-Stagegate-Former: ${contentOf(after).sha256}`,
  )
}

const fileIn = (folder: string, pattern: RegExp) => {
  const found = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => pattern.test(path))
  return found.map((path) => join(folder, path))
}

test('both get the sealed bytes: of all architectures, with an epoch, and without what they depend on', async () => {
  const repository = await changed()
  const findings = await verifying(
    repository,
    packages.map((one) => sealed(one)),
    aptGet(),
  )
  expect(findings.map(short)).toEqual(packages.map(() => 'sealed-bytes apt'))
  expect(leftBehind()).toEqual([])
})

test('a folder of this machine is read without a server, whatever its name', async () => {
  const folder = join(temporaryFolder(), "Acme's [old] packages")
  cpSync(join(files, 'whole'), join(folder, 'whole'), { recursive: true })
  const repository = aptRepository({ on: folder, path: 'whole', signWith: { value: theKey().secret } })
  expect((await verifying(repository, [sealed(acme)], aptGet())).map(short)).toEqual(['sealed-bytes apt'])
})

describe('a finding says which of the two saw it', () => {
  const past = 'Valid-Until: Thu, 01 Jan 2026 00:00:00 UTC'
  test.each<[what: string, change: (folder: string) => unknown, expected: string, said: RegExp]>([
    [
      'other bytes under the name of a package',
      (folder) => writeFileSync(fileIn(folder, /acme_1\.0.*deb$/)[0] ?? '', deb('acme', '1.0', 'amd64', { X: 'y' }).data),
      'index-broken alone repository/index-broken',
      /apt-get refuses it: .*(Hash Sum|size)/,
    ],
    [
      'a package that is gone',
      (folder) => rmSync(fileIn(folder, /acme_1\.0.*deb$/)[0] ?? ''),
      'index-broken alone repository/index-broken',
      /apt-get refuses it: .*404/,
    ],
    [
      'an index that another key signed',
      (folder) => signAnew(folder, theKey(other), String),
      'refused alone',
      /apt-get refuses it: .*(NO_PUBKEY|Missing key)/,
    ],
    [
      'an index whose time is over',
      (folder) => signAnew(folder, theKey(), (text) => `${text}\n${past}`),
      'index-broken alone client/refused',
      /sealed bytes, but apt-get refuses it: .*expired/,
    ],
    [
      'an index from which something has vanished',
      vanish,
      'index-broken alone repository/index-broken',
      /acme 1\.1 amd64 was listed before.*\n.*apt-get gets the sealed bytes/,
    ],
  ])('%s', async (_, change, expected, said) => {
    const [finding] = await verifying(await changed(change), [sealed(acme)], aptGet())
    expect(short(finding as Finding), finding?.problem?.message).toContain(expected)
    expect(finding?.problem?.message).toMatch(said)
    expect(leftBehind()).toEqual([])
  })
})

test('different bytes than the sealed ones are reported by both readers', async () => {
  const [finding] = await verifying(await changed(), [sealed(acme, Buffer.from('others'))], aptGet())
  expect([finding?.found, finding?.problem?.code]).toEqual(['other-bytes', 'client/other-bytes'])
})

test('no cache hides what is published meanwhile', async () => {
  let folder = ''
  const repository = await changed((path) => {
    folder = basename(path)
  })
  const newer = deb('acme', '2.0')
  const { at } = sealed(newer)
  const source = await repository.sourceOf?.(at, soon())
  if (source === undefined) throw new Error('Expected a source')
  const client = aptGet().open(source, ['amd64'])
  expect(await client.fetch(at, soon())).toEqual({ got: 'nothing' })
  await published({ on: files }, { path: folder, keys: [theKey()] }, [newer], distribution)
  expect(await client.fetch(at, soon())).toEqual({ got: 'package', content: contentOf(newer.data) })
  expect(leftBehind()).toHaveLength(1)
  await client.close()
  expect(leftBehind()).toEqual([])
})

test('a proxy gets its account, and no message contains the account', async () => {
  const proxy = await startProxy(`Basic ${Buffer.from('user:s3cr3t@x').toString('base64')}`)
  const { at } = sealed(acme)
  const source = await (await changed()).sourceOf?.(at, soon())
  const through = (account: string) =>
    ({ ...source, reach: { ca, proxy: new URL(`http://${account}@127.0.0.1:${proxy.port}`) } }) as PackageSource
  expect(await fetched(aptGet(), through('user:s3cr3t%40x'), at)).toEqual({ got: 'package', content: contentOf(acme.data) })
  expect(proxy.asked()).toBeGreaterThan(0)
  const refused = await fetched(aptGet(), through('user:wr0ng'), at)
  expect(refused).toMatchObject({ got: 'refusal', words: expect.stringContaining('407') })
  expect(JSON.stringify(refused)).not.toContain('wr0ng')
  await proxy.close()
})

/** What apt-get gets for a name that the index does not have. */
async function asked(name: string, version = '1.0'): Promise<unknown> {
  const at = { ...sealed(acme).at, name, version }
  const source = await (await changed()).sourceOf?.(at, soon())
  return fetched(aptGet(), source, at)
}

/** Opens a source, and fetches one package of it. */
async function fetched(
  by: PackageManager,
  source: PackageSource | undefined,
  at: PackageCoordinates,
  call: Call = soon(),
): Promise<unknown> {
  if (source === undefined) throw new Error('Expected a source')
  const client = by.open(source, ['amd64'])
  try {
    return await client.fetch(at, call)
  } finally {
    await client.close()
  }
}

test.each([['^acme$'], ['acm.'], ['acme*'], ['?name(acme)'], ['~nacme'], ['-oDir=/'], ['acme doc'], ['--print-uris']])(
  'a name is a name, and no pattern and no option: %s',
  async (name) => {
    expect(await asked(name)).toEqual({ got: 'nothing' })
  },
)

describe('apt-get that is not as it should be', () => {
  const source: PackageSource = {
    manager: 'apt',
    url: 'https://127.0.0.1:1/debian',
    suite: 'stable',
    component: 'main',
    certificates: '',
    reach: { ca },
  }
  const { at } = sealed(acme)
  const path = process.env['PATH'] ?? ''
  afterEach(() => {
    process.env['PATH'] = path
    expect(leftBehind()).toEqual([])
  })

  /** Puts a program of ours in its place. */
  function instead(script?: string): string {
    const folder = temporaryFolder()
    if (script !== undefined) writeFileSync(join(folder, 'apt-get'), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
    process.env['PATH'] = script === undefined ? folder : `${folder}:${path}`
    return folder
  }

  test('is missing: nothing is looked at', async () => {
    instead()
    let begun = false
    const verification = verifying(await changed(), [sealed(acme)], aptGet(), {
      onBegin: async () => {
        begun = true
      },
    })
    await expect(verification).rejects.toMatchObject({
      code: 'usage/package-manager',
      message: expect.stringContaining('apt-get is not installed on this machine'),
    })
    expect(begun).toBe(false)
  })

  test('says 50 MB: the end of it is quoted, on one line', async () => {
    instead("yes 'E: //user:secret@proxy is broken' | head -c 50000000; exit 100")
    const answer = await fetched(aptGet(), source, at)
    expect(answer).toMatchObject({ got: 'refusal', words: expect.stringMatching(/^[^\n]{1,601}$/) })
    expect(JSON.stringify(answer)).not.toContain('secret')
  })

  test('sees none of our variables', async () => {
    const folder = instead('env > "$(dirname "$0")/seen"; exit 100')
    process.env['PUBLISHERS_TOKEN'] = 'glpat-1234'
    await fetched(aptGet(), source, at)
    delete process.env['PUBLISHERS_TOKEN']
    const seen = readFileSync(join(folder, 'seen'), 'utf8')
    expect(seen).not.toContain('glpat')
    expect(
      seen
        .split('\n')
        .map((line) => line.split('=', 1)[0])
        .sort(),
    ).toEqual(['', 'APT_CONFIG', 'HOME', 'LC_ALL', 'PATH', 'PWD', 'TMPDIR', 'TZ'])
  })

  test('waits for a server that never answers: it ends with its call', async () => {
    const silent = await listen(() => undefined)
    const begun = Date.now()
    const call = { signal: AbortSignal.timeout(1000), deadline: instant(Date.now() + 1000) }
    await expect(fetched(aptGet(), { ...source, url: silent.url }, at, call)).rejects.toMatchObject({ name: 'TimeoutError' })
    expect(Date.now() - begun).toBeLessThan(10_000)
    await silent.close()
  })

  test('is running when the run is stopped: it ends, and the finding says why', async () => {
    const folder = instead('[ "$1" = --version ] && exit; touch "$(dirname "$0")/begun"; sleep 60')
    const controller = new AbortController()
    const found = verifying(await changed(), [sealed(acme)], aptGet(), { signal: controller.signal })
    await vi.waitUntil(() => existsSync(join(folder, 'begun')), 20_000)
    const [root = 'none'] = leftBehind()
    controller.abort(new Error('somebody pressed a key'))
    const [finding] = await found
    expect([finding?.found, finding?.problem?.message]).toEqual(['unknown', 'somebody pressed a key'])
    expect(environments().filter((text) => text.includes(root))).toEqual([])
  })

  test('is under way when the process exits: it ends, too', async () => {
    let asked = () => {}
    const isAsked = new Promise<void>((resolve) => {
      asked = resolve
    })
    const silent = await listen(() => asked())
    const program = `
      import { aptGet } from '@stagegate/uploader'
      const source = ${JSON.stringify({ ...source, url: silent.url })}
      process.once('SIGTERM', () => process.exit(9))
      await aptGet().open(source, ['amd64']).fetch(${JSON.stringify(at)}, { signal: AbortSignal.timeout(60_000), deadline: Date.now() + 60_000 })`
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program], { cwd: import.meta.dirname, stdio: 'inherit' })
    await isAsked
    const [root = ''] = leftBehind()
    child.kill('SIGTERM')
    expect(await once(child, 'close')).toEqual([9, null])
    expect(root).not.toBe('')
    expect(environments().filter((text) => text.includes(root))).toEqual([])
    await silent.close()
  })
})

/** The variables of all processes of this machine; a root stands in those of its package manager. */
function environments(): readonly string[] {
  const numbers = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return numbers.map((number) => {
    try {
      return readFileSync(`/proc/${number}/environ`, 'utf8')
    } catch {
      // It has ended, or is somebody else's.
      return ''
    }
  })
}

const soon = (): Call => ({ signal: AbortSignal.timeout(30_000), deadline: instant(Date.now() + 30_000) })
