import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { acmeAt, itemOf, manifestOf, temporaryFolder } from '../../packages/uploader/src/testing/fixtures.js'

interface Esbuild {
  build(options: object): Promise<{ readonly errors: readonly unknown[]; readonly warnings: readonly unknown[] }>
}

/** The one that tsup builds the packages with. The cast: its types are those of its own package. */
const { build } = createRequire(createRequire(import.meta.url).resolve('tsup'))('esbuild') as Esbuild

/** acme 1.2.3 for amd64, with a control.tar.xz: what dpkg-deb makes by default. */
const deb = Buffer.from(
  [
    'ITxhcmNoPgpkZWJpYW4tYmluYXJ5ICAgMCAgICAgICAgICAgMCAgICAgMCAgICAgMTAwNjQ0ICA0ICAgICAgICAgYAoyLjAKY29udHJvbC50YX',
    'IueHogIDAgICAgICAgICAgIDAgICAgIDAgICAgIDEwMDY0NCAgMjQwICAgICAgIGAK/Td6WFoAAAFpIt42AgAhARYAAAB0L+Wj4Cf/ALRdABcL',
    'yOfZ5dHD1ZV9QtvcDlxs1FkS8hVsMgyj/unF0MEdJJD4YlOljGD0CqzzYbwg9k5nNvtYBtF7fM5Hf3Xg553xfAR3fKvcL+mCjFR6biT9fef2PM',
    'LkUZL4J6GNBu79wi7dmShUH18ShPvbA35OeXIzLB6/D8TL9nOu+zJYZKw5USEOoYhr/X7VO5/oBKkVe+VUqTS73GqweXEs+i1k0cd8E7Lf1fTw',
    'v+4vF6MUQPvLujeaAACemz89AAHMAYBQAAApu/oZPjANiwIAAAAAAVlaZGF0YS50YXIueHogICAgIDAgICAgICAgICAgIDAgICAgIDAgICAgID',
    'EwMDY0NCAgMTYwICAgICAgIGAK/Td6WFoAAAFpIt42AgAhARYAAAB0L+Wj4Cf/AGNdABcLyyeJ8u037UHTqbAoQoYJfg0x36Lta9/wuSu0/st/',
    'wMvBq0aCJyznWl7ZXhENuRIs4CfieuDzHYMGUHldGegiiHvvHQO5Uc+3+eVjsBD/MeDd9G2WgbYxIgRwOurR3BHeAAAAcNfbawABe4BQAAAA75',
    'Zb2D4wDYsCAAAAAAFZWg==',
  ].join(''),
  'base64',
)

const program = `
import { readFile } from 'node:fs/promises'
import { directory, exitCodeOf, inspectPackage, publish } from '@stagegate/uploader'

const { name, version } = await inspectPackage('staging/ubuntu/jammy/acme_1.2.3_amd64.deb')
const manifest = JSON.parse(await readFile('manifest.json', 'utf8'))
const { outcomes } = await publish(manifest, { origin: manifest.origin, repositories: { staging: directory('staging'), stable: directory('public') } })
console.log(JSON.stringify({ name, version, verdicts: outcomes.map(({ verdict }) => verdict), exit: exitCodeOf(outcomes) }))
`

test.each([
  ['as it is', false],
  ['minified', true],
])('a program that esbuild bundles as one ES module, %s, starts, reads an xz package and publishes it', async (_, minify) => {
  const folder = await temporaryFolder()
  const staged = join(folder, 'staging/ubuntu/jammy')
  mkdirSync(staged, { recursive: true })
  writeFileSync(join(staged, acmeAt.file), deb)
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString()
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ ...manifestOf([itemOf(deb)]), expiresAt }))
  const outfile = join(folder, 'program.mjs')
  const bundled = await build({
    stdin: { contents: program, resolveDir: join(import.meta.dirname, '../../packages/cli') },
    bundle: true,
    platform: 'node',
    format: 'esm',
    minify,
    outfile,
    logLevel: 'silent',
  })
  expect(bundled).toMatchObject({ errors: [], warnings: [] })
  // Nothing is installed beside it.
  const { stdout } = await promisify(execFile)(process.execPath, [outfile], { cwd: folder, timeout: 30_000 })
  expect(JSON.parse(stdout)).toEqual({ name: 'acme', version: '1.2.3', verdicts: ['published'], exit: 0 })
  expect(readFileSync(join(folder, 'public/ubuntu/jammy', acmeAt.file)).equals(deb)).toBe(true)
})

test('a program that esbuild bundles with the room for signatures starts, signs and checks, with nothing installed beside it', async () => {
  const folder = await temporaryFolder()
  const uploader = join(import.meta.dirname, '../../packages/uploader')
  // The cast: its types are those of a package that this one does not depend on.
  const { generateKey } = createRequire(join(uploader, 'package.json'))('openpgp') as {
    generateKey(options: object): Promise<{ readonly privateKey: string }>
  }
  const { privateKey } = await generateKey({ type: 'ecc', curve: 'ed25519Legacy', userIDs: [{ name: 'acme' }], date: new Date(0) })
  const contents = `
    import { openSigner, openVerifier } from './src/signing/index.js'
    const now = new Date().toISOString()
    const signer = await openSigner([{ armoured: ${JSON.stringify(privateKey)} }], now)
    const verifier = await openVerifier([signer.certificates])
    const { text, by } = await verifier.cleartext(Buffer.from(await signer.clearsign('Origin: Acme\\n', now)), now)
    console.log(JSON.stringify({ text: Buffer.from(text).toString(), same: by[0] === signer.fingerprints[0] }))`
  const outfile = join(folder, 'program.mjs')
  const options = { bundle: true, platform: 'node', format: 'esm', conditions: ['@stagegate/source'] }
  const bundled = await build({ ...options, stdin: { contents, resolveDir: uploader }, outfile, logLevel: 'silent' })
  expect(bundled).toMatchObject({ errors: [], warnings: [] })
  const { stdout } = await promisify(execFile)(process.execPath, [outfile], { cwd: folder, timeout: 30_000 })
  expect(JSON.parse(stdout)).toEqual({ text: 'Origin: Acme\n', same: true })
})
