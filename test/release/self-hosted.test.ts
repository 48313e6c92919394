// The example of repositories of one's own, from the tag to packages that apt-get and dnf install, and upgrade from the version before.
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { aptRepository, type BucketOptions, type ProgramReceipt, release, yumRepository } from '@stagegate/uploader'
import { type S3Server, startS3 } from '@stagegate/uploader/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Dnf } from '../../packages/uploader/src/repository/yum/testing/dnf.js'
import { ca, tls } from '../authority.js'
import { AptClient } from '../tasks/apt.mjs'
import { useDnfDownload } from '../tasks/dnf.mjs'
import { headOf, onGitlab, startWholeGitlab, type WholeGitlab } from '../tasks/gitlab.mjs'
import { type Key, yesterdaysKey } from '../tasks/keys.mjs'
import { commit, stagegate } from '../tasks/rehearsal.mjs'
import { contentOf, temporaryFolder } from './files.js'
import { makeUp, withStagegate, YamlJobs } from './yaml-jobs.js'

const example = new URL('../../examples/self-hosted', import.meta.url).pathname
const tag = 'v1.1.0'
const accounts = {
  AKIDSTAGING: { secretAccessKey: 'staging-0f1e2d3c4b5a69788796' },
  AKIDSTAGED: { secretAccessKey: 'staged-0f1e2d3c4b5a697887965', may: 'read' },
  AKIDPACKAGES: { secretAccessKey: 'packages-0f1e2d3c4b5a69788' },
} as const
const keysOf = (name: 'STAGING' | 'STAGED' | 'PACKAGES') => ({
  [`${name}_KEY_ID`]: `AKID${name}`,
  [`${name}_SECRET_KEY`]: accounts[`AKID${name}`].secretAccessKey,
})

let gitlab: WholeGitlab
let server: S3Server
let key: Key
let folder: string
let jobs: YamlJobs

beforeAll(useDnfDownload)
beforeAll(async () => {
  key = await yesterdaysKey('packages')
  gitlab = await startWholeGitlab({ path: 'acme/hello', tag, tls })
  server = await startS3({ tls, accounts, buckets: ['acme-staging', 'acme-packages'], publicPrefixes: ['linux/'] })
  folder = join(temporaryFolder(), 'hello')
  cpSync(example, folder, { recursive: true, filter: (path) => !path.includes('node_modules') })
  withStagegate(folder)
  makeUp(folder, 'npm', 'test "$1" = ci')
  change('pipeline.ts', (text) => onGitlab(text, gitlab, ca))
  const here = `region: 'eu-central-1', endpoint: '${server.url}', ca: ${JSON.stringify(ca)}`
  change('repositories.ts', (text) => text.replace("region: 'eu-central-1'", here))
  writeFileSync(join(folder, 'release-key.asc'), key.certificate)
  const synth = await stagegate(folder, ['synth'])
  expect(synth.exitCode, synth.output).toBe(0)
  commit(folder, tag)
  gitlab.push(headOf(folder))
  const signingKey = join(temporaryFolder(), 'signing-key.asc')
  writeFileSync(signingKey, key.secret, { mode: 0o600 })
  // Variables as the guide scopes them: what can write to the public is given to the jobs that publish alone.
  const secrets = (environment = '') => ({
    ...keysOf('STAGED'),
    ...(environment.startsWith('staging/') && keysOf('STAGING')),
    ...(environment.startsWith('public/') && { ...keysOf('PACKAGES'), PACKAGES_SIGNING_KEY: signingKey }),
  })
  jobs = new YamlJobs(folder, { gitlab, tag, secrets })
}, 300_000)
afterAll(async () => {
  await Promise.all([gitlab?.close(), server?.close()])
})

function change(path: string, to: (text: string) => string): void {
  const text = readFileSync(join(folder, path), 'utf8')
  expect(to(text)).not.toBe(text)
  writeFileSync(join(folder, path), to(text))
}

/** Releases the version before by a program, from the same sources. */
async function releaseBefore(): Promise<void> {
  const built = temporaryFolder()
  for (const [sort, distribution] of [
    ['deb', 'debian/bookworm'],
    ['rpm', 'el/9'],
  ] as const) {
    const checkout = join(temporaryFolder(), 'hello')
    cpSync(example, checkout, { recursive: true, filter: (path) => !path.includes('node_modules') })
    execFileSync('sh', ['packaging/build.sh', sort], { cwd: checkout, env: { ...process.env, CI_COMMIT_TAG: 'v1.0.0' }, stdio: 'pipe' })
    mkdirSync(join(built, distribution), { recursive: true })
    cpSync(join(checkout, 'dist'), join(built, distribution), { recursive: true })
  }
  const { AKIDPACKAGES: account } = accounts
  const credentials = { accessKeyId: { value: 'AKIDPACKAGES' }, secretAccessKey: { value: account.secretAccessKey } }
  const on: BucketOptions = { bucket: 'acme-packages', region: 'eu-central-1', endpoint: server.url, prefix: 'linux', credentials }
  const options = { name: 'hello', version: '1.0.0', from: built }
  const signWith = { value: key.secret }
  const apt = aptRepository({ on, signWith, path: 'debian', origin: 'Acme', label: 'Acme' })
  const receipts: readonly ProgramReceipt[] = [
    await release({ ...options, files: ['**/*.deb'], to: { apt } }),
    await release({ ...options, files: ['**/*.rpm'], to: { yum: yumRepository({ on, signWith, path: 'rpm' }) } }),
  ]
  expect(receipts.flatMap(({ outcomes }) => outcomes.map(({ verdict }) => verdict))).toEqual(['published', 'published'])
}

test('a tag becomes packages that apt-get and dnf install, and upgrade to from the version before', { timeout: 300_000 }, async () => {
  await releaseBefore()
  const url = `${server.url}/acme-packages/linux`
  const apt = new AptClient(temporaryFolder(), { source: `${url}/debian bookworm main`, certificate: key.certificate, ca })
  const dnf = await Dnf.in(temporaryFolder(), `${url}/rpm/el/9`)
  await apt.update()
  await apt.install('hello')
  await dnf.ask('install', 'hello')
  const installed = () => [join(apt.folder, 'root'), dnf.root].map((root) => readFileSync(join(root, 'usr/bin/hello'), 'utf8'))
  const says = (version: string) => `#!/bin/sh\necho "hello ${version}"\n`
  expect(installed()).toEqual([says('1.0.0'), says('1.0.0')])

  // Up to the gate nothing of it is public.
  const listed = () => [...server.objects('acme-packages').keys()].sort()
  const before = listed()
  expect(await jobs.run('deploy: [check]')).toContain('says hello 1.1.0')
  expect(listed()).toEqual(before)

  // The clicks.
  for (const [target, by] of [
    ['debian/bookworm', 'apt'],
    ['el/9', 'dnf'],
  ] as const) {
    await jobs.run(`publish: [${target}]`)
    expect(await jobs.run(`verify: [${target}]`)).toContain(`, by ${by} too`)
  }
  expect(before.filter((path) => !listed().includes(path))).toEqual([])
  await apt.update()
  await apt.install('hello')
  await dnf.ask('upgrade', 'hello')
  expect(installed()).toEqual([says('1.1.0'), says('1.1.0')])

  // Users get the bytes that were sealed.
  const manifest = JSON.parse(readFileSync(join(jobs.artifactsOf('seal'), '.stagegate/release-manifest.json'), 'utf8'))
  const sealed: readonly string[] = manifest.targets.flatMap(({ artifacts }: { artifacts: readonly { content: { sha256: string } }[] }) =>
    artifacts.map(({ content }) => content.sha256),
  )
  const rpms = temporaryFolder()
  await dnf.ask('reinstall', '--downloadonly', '--downloaddir', rpms, 'hello')
  const brought = [await apt.download('hello'), rpms].flatMap((at) => Object.values(contentOf(at)))
  expect(brought.sort()).toEqual([...sealed].sort())

  // The jobs again: nothing is sent.
  const after = listed()
  for (const target of ['debian/bookworm', 'el/9']) expect(await jobs.run(`publish: [${target}]`)).toContain('1 already-public')
  expect(listed()).toEqual(after)
  expect([...gitlab.violations(), ...server.violations]).toEqual([])
})

test('a key that clients refuse is reported at synth, and nothing is written', async () => {
  const { certificate } = await yesterdaysKey('old', 'rsa2048')
  const other = join(temporaryFolder(), 'hello')
  cpSync(folder, other, { recursive: true })
  writeFileSync(join(other, 'release-key.asc'), certificate)
  const generated = () => ['.gitlab-ci.yml', 'release-plan.json', 'RELEASING.md'].map((file) => readFileSync(join(other, file), 'utf8'))
  const before = generated()
  const { exitCode, stderr } = await stagegate(other, ['synth'])
  expect(exitCode, stderr).toBe(2)
  expect(stderr).toMatch(/in certificates of the repository apt.*RSA with 2048 bits/s)
  expect(generated()).toEqual(before)
})
