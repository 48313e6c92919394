// verify with the real dnf beside our own reader, over HTTPS: each sees what the other tolerates.
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { dnf, type Finding, instant, type PackageSource, type YumRepositoryOptions, yumRepository } from '@stagegate/uploader'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ca } from '../authority.js'
import { temporaryFolder } from '../release/files.js'
import { useDnfDownload } from '../tasks/dnf.mjs'
import { type Key, signatureWith, yesterdaysKey } from '../tasks/keys.mjs'
import { startNginx } from '../tasks/servers.mjs'
import { contentOf } from './source.js'
import type { Built } from './trees.js'
import { behind, leftBehind, type Sealed, short, startProxy, verifying } from './verifying.js'
import { distribution, published, rpm } from './yum-trees.js'

const sealed = (built: Built, epoch = ''): Sealed => {
  const [, name = '', version = '', architecture = ''] = /^(.+)-([^-]+-[^-]+)\.([^.]+)\.rpm$/.exec(built.file) ?? []
  return { built, at: { format: 'rpm', distribution, name, version: epoch + version, architecture, file: built.file } }
}
const acme = rpm('acme')
const packages = [sealed(acme), sealed(rpm('acme-doc', '1.0-1', 'noarch')), sealed(rpm('plus+plus', '2:1.0^git7-1', 'aarch64'), '2:')]

// Others of this machine have theirs elsewhere.
process.env['TMPDIR'] = temporaryFolder()
let keys: readonly Key[] = []
const [one, other] = [0, 1].map((number) => () => {
  const key = keys[number]
  if (key === undefined) throw new Error('Expected a key')
  return key
}) as [() => Key, () => Key]
let files: string
let server: Awaited<ReturnType<typeof startNginx>>
beforeAll(useDnfDownload)
beforeAll(async () => {
  keys = await Promise.all([yesterdaysKey('acme'), yesterdaysKey('other')])
  files = temporaryFolder()
  server = await startNginx(temporaryFolder(), `server { listen PORT; root ${files}; }`)
  await published(
    { on: files },
    { path: 'whole', keys: [one()], indexSignature: true },
    packages.map(({ built }) => built),
  )
}, 60_000)
afterAll(() => server?.stop())

let copies = 0
/** A copy of the tree, with something changed, and the repository as its users reach it. */
async function changed(change: (folder: string) => unknown = () => undefined, settings: Partial<YumRepositoryOptions> = {}) {
  const path = `copy-${copies++}`
  cpSync(join(files, 'whole'), join(files, path), { recursive: true })
  await change(join(files, path, distribution))
  return yumRepository({ on: behind(server.url), path, signWith: { value: one().secret }, ...settings })
}

const fileIn = (folder: string, pattern: RegExp) => {
  const found = readdirSync(folder, { recursive: true, encoding: 'utf8' }).find((path) => pattern.test(path))
  if (found === undefined) throw new Error(`Expected ${pattern} in ${folder}`)
  return join(folder, found)
}

test.each([false, true])(
  'both get the sealed bytes, of all architectures and with an epoch; with a signature beside the index: %s',
  async (indexSignature) => {
    const findings = await verifying(await changed(undefined, { indexSignature }), packages, dnf())
    expect(findings.map((finding) => [short(finding), finding.problem?.message].join(' '))).toEqual(packages.map(() => 'sealed-bytes dnf '))
    expect(leftBehind()).toEqual([])
  },
)

describe('a finding says which of the two saw it', () => {
  test.each<[what: string, change: (folder: string) => unknown, expected: string, said: RegExp]>([
    [
      'other bytes under the name of a package',
      (folder) => writeFileSync(fileIn(folder, /acme-1\.0.*rpm$/), rpm('acme', '1.0-1', 'x86_64', 11).data),
      'index-broken alone repository/index-broken',
      /dnf refuses it: ./,
    ],
    [
      'a signature by another key beside the index',
      async (folder) => {
        const top = fileIn(folder, /repomd\.xml$/)
        writeFileSync(`${top}.asc`, await signatureWith(other(), readFileSync(top), '--detach-sign'))
      },
      'index-broken alone client/refused',
      /sealed bytes, but dnf refuses it: ./,
    ],
    [
      'no signature beside the index',
      (folder) => rmSync(fileIn(folder, /repomd\.xml\.asc$/)),
      'index-broken alone client/refused',
      /sealed bytes, but dnf refuses it: .*repomd\.xml\.asc/,
    ],
  ])('%s', async (_, change, expected, said) => {
    const [finding] = await verifying(await changed(change, { indexSignature: true }), [sealed(acme)], dnf())
    expect(short(finding as Finding), finding?.problem?.message).toBe(expected)
    expect(finding?.problem?.message).toMatch(said)
    expect(leftBehind()).toEqual([])
  })
})

test('a proxy gets its account, and no message contains the account', async () => {
  const proxy = await startProxy(`Basic ${Buffer.from('user:s3cr3t@x').toString('base64')}`)
  const { at } = sealed(acme)
  const call = () => ({ signal: AbortSignal.timeout(60_000), deadline: instant(Date.now() + 60_000) })
  const source = await (await changed()).sourceOf?.(at, call())
  const answers: unknown[] = []
  for (const account of ['user:s3cr3t%40x', 'user:wr0ng']) {
    const reach = { ca, proxy: new URL(`http://${account}@127.0.0.1:${proxy.port}`) }
    const client = dnf().open({ ...source, reach } as PackageSource, ['x86_64'])
    answers.push(await client.fetch(at, call()))
    await client.close()
  }
  expect(answers).toEqual([
    { got: 'package', content: contentOf(acme.data) },
    { got: 'refusal', words: expect.stringContaining('407') },
  ])
  expect(JSON.stringify(answers)).not.toMatch(/wr0ng|s3cr3t/)
  await proxy.close()
})

test('a dnf that is missing, or cannot download, is reported before the first look', async () => {
  const path = process.env['PATH'] ?? ''
  const folder = temporaryFolder()
  try {
    process.env['PATH'] = folder
    await expect(verifying(await changed(), [sealed(acme)], dnf())).rejects.toThrow('dnf is not installed on this machine')
    writeFileSync(join(folder, 'dnf'), '#!/bin/sh\nfor word; do [ "$word" != download ] || exit 1; done\n', { mode: 0o755 })
    await expect(verifying(await changed(), [sealed(acme)], dnf())).rejects.toThrow('dnf-plugins-core')
  } finally {
    process.env['PATH'] = path
  }
})
