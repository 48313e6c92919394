import { cpSync, existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { parseReceipt, parseVerification } from '@stagegate/schema'
import { startPackagecloud } from '@stagegate/uploader/testing'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { tls } from '../authority.js'
import { commit, copyOffline, packInto, runJobs, stagegate } from '../tasks/rehearsal.mjs'
import { changedTimes, packagesIn, temporaryFolder } from './files.js'
import { packagecloudRepositories } from './world.js'

const tag = 'v1.2.3'
const targets = ['ubuntu/jammy', 'debian/bookworm', 'any/any']
const cli = new URL('../../packages/cli', import.meta.url).pathname

/** What the public repository has, and a way to see whether anything in it was touched. */
interface PublicSide {
  packages(): Readonly<Record<string, string>>
  touched(): unknown
}

async function releaseOf(checkout: string, variables: Record<string, string>, side: PublicSide): Promise<void> {
  const jobs = (names: readonly string[], withNeeds = false) => runJobs(checkout, { tag, jobs: names, withNeeds, variables })

  const gate = await jobs(['deploy: [production]'], true)
  expect(gate.exitCode, gate.log).toBe(0)
  expect(gate.log).toContain('production: ubuntu/jammy/hello_1.2.3-1_amd64.deb says: hello 1.2.3, built for ubuntu/jammy')
  expect(side.packages()).toEqual({})

  const preview = await stagegate(checkout, ['publish', '--dry-run', '--rehearsal'], { variables })
  expect(preview.stdout).toContain('Publishing now would send 3 of 3 artifacts.')
  expect(side.packages()).toEqual({})

  const published = await jobs(targets.map((target) => `publish: [${target}]`))
  expect(published.exitCode, published.log).toBe(0)
  expect(verdicts(checkout)).toEqual(['published', 'published', 'published'])
  const manifest = JSON.parse(readFileSync(join(checkout, '.stagegate/release-manifest.json'), 'utf8'))
  const sealed = manifest.targets.flatMap((target: { artifacts: { content: { sha256: string } }[] }) =>
    target.artifacts.map(({ content }) => content.sha256),
  )
  expect(Object.values(side.packages()).sort()).toEqual(sealed.sort())

  const verified = await jobs(targets.map((target) => `verify: [${target}]`))
  expect(verified.exitCode, verified.log).toBe(0)
  const found = targets.flatMap((target) => {
    const path = join(checkout, '.stagegate/verifications', `${encodeURIComponent(target)}.json`)
    return parseVerification(readFileSync(path, 'utf8'), path).findings.map((finding) => finding.found)
  })
  expect(found).toEqual(['sealed-bytes', 'sealed-bytes', 'sealed-bytes'])

  const before = side.touched()
  const again = await jobs(targets.map((target) => `publish: [${target}]`))
  expect(again.exitCode, again.log).toBe(0)
  expect(verdicts(checkout)).toEqual(['already-public', 'already-public', 'already-public'])
  expect(side.touched()).toEqual(before)
}

function verdicts(checkout: string): readonly string[] {
  return targets.flatMap((target) => {
    const path = join(checkout, '.stagegate/receipts', `${encodeURIComponent(target)}.json`)
    return parseReceipt(readFileSync(path, 'utf8'), path).outcomes.map(({ verdict }) => verdict)
  })
}

const packed = join(temporaryFolder(), 'packed')
beforeAll(() => packInto(packed), 60_000)

async function newCheckout(): Promise<string> {
  const checkout = join(temporaryFolder(), 'hello')
  await mkdir(checkout)
  copyOffline(checkout)
  cpSync(packed, join(checkout, 'packed'), { recursive: true })
  return checkout
}

test('the quickstart goes from its tag to its public directory, once', { timeout: 300_000 }, async () => {
  const checkout = await newCheckout()
  commit(checkout, tag)
  const stable = join(checkout, 'repositories/stable')
  await releaseOf(checkout, {}, { packages: () => packagesIn(stable), touched: () => changedTimes(stable) })
})

test('the quickstart’s image goes the same way, and the release does not wait for it', { timeout: 300_000 }, async () => {
  const checkout = await newCheckout()
  commit(checkout, tag)
  const jobs = (names: readonly string[], withNeeds = false) => runJobs(checkout, { tag, jobs: names, withNeeds })
  const images = join(checkout, 'repositories/images')

  const sealed = await jobs(['seal: [image]'], true)
  expect(sealed.exitCode, sealed.log).toBe(0)
  expect(existsSync(images)).toBe(false)
  const published = await jobs(['publish: [image]'])
  expect(published.exitCode, published.log).toBe(0)
  const path = join(checkout, '.stagegate/receipts/image.json')
  const [outcome] = parseReceipt(readFileSync(path, 'utf8'), path).outcomes
  expect(outcome).toMatchObject({
    verdict: 'published',
    coordinates: { format: 'image', image: 'hello', tag: '1.2.3' },
    image: { blobs: { moved: 4 } },
  })
  expect(outcome?.image?.tags.map((one) => one.tag)).toEqual(['1.2.3', 'latest', '1.2'])
  const verified = await jobs(['verify: [image]'])
  expect(verified.exitCode, verified.log).toBe(0)
  const before = changedTimes(images)
  const again = await jobs(['publish: [image]'])
  expect(again.exitCode, again.log).toBe(0)
  expect(again.log).toContain('already-public')
  expect(changedTimes(images)).toEqual(before)
})

test('the quickstart goes from its tag to packagecloud, once', { timeout: 300_000 }, async () => {
  const tokens = { STAGING_TOKEN: 'a-staging-token-5cb1', PUBLIC_TOKEN: 'a-public-token-93ae' }
  const server = await startPackagecloud({
    tls,
    repositories: { 'acme/staging': { token: tokens.STAGING_TOKEN, private: true }, 'acme/stable': { token: tokens.PUBLIC_TOKEN } },
  })
  onTestFinished(() => server.close())
  const checkout = await newCheckout()
  writeFileSync(join(checkout, 'repositories.ts'), packagecloudRepositories(server.url))
  await mkdir(join(checkout, 'node_modules'))
  symlinkSync(cli, join(checkout, 'node_modules/stagegate'))
  const synth = await stagegate(checkout, ['synth'])
  expect(synth.exitCode, synth.output).toBe(0)
  rmSync(join(checkout, 'node_modules'), { recursive: true })
  commit(checkout, tag)

  await releaseOf(checkout, tokens, {
    packages: () =>
      Object.fromEntries(server.packages('acme/stable').map((stored) => [`${stored.distribution}/${stored.file}`, stored.digests.sha256])),
    touched: () => server.requests.filter(({ method }) => method !== 'GET').length,
  })
  expect(server.violations).toEqual([])
  const log = readFileSync(join(checkout, '..', 'jobs.log'), 'utf8')
  for (const token of Object.values(tokens)) {
    expect(log).not.toContain(token)
    expect(log).not.toContain(Buffer.from(`${token}:`).toString('base64').slice(0, 20))
  }
})
