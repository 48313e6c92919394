import { appendFileSync, cpSync, mkdirSync, readdirSync, rmSync, symlinkSync, unlinkSync } from 'node:fs'
import { dirname } from 'node:path'
import { digestOf } from '@stagegate/schema'
import { startPackagecloud } from '@stagegate/uploader/testing'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { tls } from '../authority.js'
import type { Captured } from '../tasks/rehearsal.mjs'
import { contentOf, packagesIn, temporaryFolder } from './files.js'
import { packagecloudRepositories, packages, tag, targets, World } from './world.js'

let built: World
let sealed: World
beforeAll(async () => {
  built = await World.built()
  sealed = await World.sealed()
}, 300_000)

/** The exit code, and all of these words in what it printed. */
function expectRefusal(result: Captured, exitCode: number, ...words: readonly string[]): void {
  expect(result.exitCode, result.output).toBe(exitCode)
  for (const word of words) expect(result.output).toContain(word)
  // Neither a stack of ours nor the name of a class: a sentence.
  expect(result.output).not.toMatch(/^\s+at /m)
}

const stable = 'repositories/stable'
const manifest = '.stagegate/release-manifest.json'

test('staging stops where the build left nothing', async () => {
  const world = built.copy()
  expectRefusal(await world.run(['stage', '--target', 'ubuntu/jammy']), 2, 'no file matches dist/*.deb', 'build: [ubuntu/jammy]')
  expectRefusal(await world.run(['stage', '--target', 'ubuntu/jammy', 'dist/missing.deb']), 2, 'dist/missing.deb')
  expect(contentOf(world.path('repositories'))).toEqual({})
})

test('staging refuses a package that is for another architecture than its target', async () => {
  const world = built.copy()
  world.build({ id: 'ubuntu/jammy', name: 'hello', architecture: 'arm64' })
  const result = await world.run(['stage', '--target', 'ubuntu/jammy', 'out/ubuntu/jammy/dist/hello_1.2.3-1_arm64.deb'])
  expectRefusal(result, 2, 'arm64', 'amd64', 'Nothing of ubuntu/jammy was staged')
  expect(contentOf(world.path('repositories'))).toEqual({})
})

test('staging refuses a file that only looks like a package', async () => {
  const world = built.copy()
  world.write('fake.deb', 'hello')
  expectRefusal(await world.run(['stage', '--target', 'ubuntu/jammy', 'fake.deb']), 2, 'fake.deb')
  expect(contentOf(world.path('repositories'))).toEqual({})
})

test('staging never overwrites what an earlier build staged', async () => {
  const world = sealed.copy()
  const before = contentOf(world.path('repositories/staging'))
  cpSync(world.path('out/debian/bookworm/dist/hello_1.2.3-1_amd64.deb'), world.path('other.deb'))
  expectRefusal(
    await world.run(['stage', '--target', 'ubuntu/jammy', 'other.deb']),
    3,
    'staging has a different',
    'never overwrites staging',
  )
  expect(contentOf(world.path('repositories/staging'))).toEqual(before)
})

test('sealing stops while a target is not staged', async () => {
  const world = built.copy()
  await world.succeed(['stage', '--target', 'ubuntu/jammy', world.built('ubuntu/jammy')])
  expectRefusal(await world.run(['seal']), 3, 'not staged: debian/bookworm, any/any', 'stage: [any/any]')
})

test('sealing refuses a staging record of another commit, and of another pipeline', async () => {
  for (const [field, value] of [
    ['commit', 'f'.repeat(40)],
    ['pipeline', 4711],
  ]) {
    const world = sealed.copy()
    const path = `.stagegate/records/${encodeURIComponent('ubuntu/jammy')}.json`
    const record = JSON.parse(world.read(path))
    world.write(path, JSON.stringify({ ...record, origin: { ...record.origin, [String(field)]: value } }))
    expectRefusal(await world.run(['seal']), 3, 'the staging record of ubuntu/jammy', String(value))
  }
})

test('sealing again gives the same manifest, and other artifacts under the version are refused', async () => {
  const world = sealed.copy()
  const first = world.read(manifest)
  await world.succeed(['seal'])
  expect(world.read(manifest)).toBe(first)

  const path = `.stagegate/records/${encodeURIComponent('any/any')}.json`
  const record = JSON.parse(world.read(path))
  record.artifacts[0].content.sha256 = 'a'.repeat(64)
  world.write(path, JSON.stringify(record))
  expectRefusal(await world.run(['seal']), 3, 'was already sealed', 'new version')
})

test('publishing refuses a manifest that was edited by hand, even with its digest beside it', async () => {
  const world = sealed.copy()
  const edited = JSON.parse(world.read(manifest))
  edited.targets[0].artifacts[0].content.sha256 = 'b'.repeat(64)
  world.write(manifest, JSON.stringify(edited))
  expectRefusal(await world.run(['publish']), 3, manifest, 'changed after sealing')
  world.write('.stagegate/release-manifest.sha256', `${digestOf(edited)}\n`)
  expectRefusal(await world.run(['publish']), 3, 'not the approved list', 'Nothing was published')
  expect(contentOf(world.path(stable))).toEqual({})
})

test('publishing refuses a manifest with unknown fields, and says where they are', async () => {
  const world = sealed.copy()
  world.write(manifest, JSON.stringify({ ...JSON.parse(world.read(manifest)), force: true }))
  expectRefusal(await world.run(['publish']), 2, `${manifest} at force`)
})

test('publishing without a manifest says which job to run', async () => {
  expectRefusal(await built.copy().run(['publish']), 3, 'no release manifest', 'seal')
})

test('publishing refuses another manifest than the approved one', async () => {
  const world = sealed.copy()
  expectRefusal(await world.run(['publish', '--manifest-digest', 'c'.repeat(64)]), 3, 'the approved one')
  const digest = world.read('.stagegate/release-manifest.sha256').trim()
  await world.succeed(['publish', '--manifest-digest', digest])
})

test('one byte of a staged package altered after sealing: it is not published, and the others are', async () => {
  const world = sealed.copy()
  appendFileSync(world.path('repositories/staging', packages[0] ?? ''), '\n')
  const preview = await world.run(['publish', '--dry-run'])
  expect(preview.stdout).toMatch(/^tampered {8}hello_1.2.3-1_amd64.deb for ubuntu\/jammy/m)
  expectRefusal(await world.run(['publish']), 3, 'tampered', 'A person must investigate')
  expect(Object.keys(packagesIn(world.path(stable)))).toEqual(packages.slice(1).sort())
  // Not even a part of it.
  expect(
    readdirSync(world.path(stable), { recursive: true, encoding: 'utf8' }).filter(
      (path) => path.startsWith('ubuntu/') && path.includes('.deb'),
    ),
  ).toEqual([])
})

test('a staged package that is gone is missing, and the others are published', async () => {
  const world = sealed.copy()
  unlinkSync(world.path('repositories/staging', packages[2] ?? ''))
  expectRefusal(await world.run(['publish']), 3, 'missing', '2 published')
  expect(Object.keys(packagesIn(world.path(stable)))).toEqual(packages.slice(0, 2).sort())
})

test('a public file of the same name with other bytes is a conflict, and stays as it is', async () => {
  const world = sealed.copy()
  const path = world.path(stable, packages[1] ?? '')
  mkdirSync(dirname(path), { recursive: true })
  cpSync(world.path('repositories/staging', packages[0] ?? ''), path)
  const before = packagesIn(world.path(stable))
  const result = await world.run(['publish'])
  expectRefusal(result, 3, 'conflict', 'sealed  sha256', `public  sha256 ${before[packages[1] ?? '']}`)
  expect(packagesIn(world.path(stable))).toMatchObject(before)
})

test('a credential that is not set or empty is named before anything is done', async () => {
  const server = await startPackagecloud({ tls, repositories: { 'acme/staging': { token: 'one' }, 'acme/stable': { token: 'two' } } })
  onTestFinished(() => server.close())
  const world = await World.built({ repositories: packagecloudRepositories(server.url) })
  for (const variables of [{}, { STAGING_TOKEN: '' }]) {
    expectRefusal(await world.run(['stage', '--target', 'ubuntu/jammy', world.built('ubuntu/jammy')], variables), 2, 'STAGING_TOKEN')
  }
  expect(server.requests).toEqual([])
})

test('a credential that the server does not take is named, and nothing is published', async () => {
  const tokens = { STAGING_TOKEN: 'one', PUBLIC_TOKEN: 'not-two' }
  const server = await startPackagecloud({ tls, repositories: { 'acme/staging': { token: 'one' }, 'acme/stable': { token: 'two' } } })
  onTestFinished(() => server.close())
  const world = await World.sealed({ repositories: packagecloudRepositories(server.url), variables: tokens })
  const result = await world.run(['publish'])
  expectRefusal(result, 3, 'failed', 'PUBLIC_TOKEN')
  expect(result.output).not.toContain('not-two')
  expect(server.packages('acme/stable')).toEqual([])
})

test('a server that cannot be reached leaves the release undetermined, to be run again', { timeout: 300_000 }, async () => {
  const tokens = { STAGING_TOKEN: 'one', PUBLIC_TOKEN: 'two' }
  const server = await startPackagecloud({ tls, repositories: { 'acme/staging': { token: 'one' }, 'acme/stable': { token: 'two' } } })
  const world = await World.sealed({ repositories: packagecloudRepositories(server.url), variables: tokens })
  await server.close()
  expectRefusal(await world.run(['publish']), 4, '3 undetermined', 'run the job again')
})

test('a variable that could be turned against the job is refused, whatever it holds', async () => {
  const world = sealed.copy()
  for (const variable of ['NODE_TLS_REJECT_UNAUTHORIZED', 'HTTPS_PROXY', 'https_proxy']) {
    const result = await world.run(['publish'], { [variable]: 'secret-value-0' })
    expectRefusal(result, 2, variable)
    // Node itself complains of some of these before we can.
    expect(
      result.output
        .split('\n')
        .filter((line) => line.startsWith('stagegate') || line.startsWith('Unset'))
        .join(),
    ).not.toContain('secret-value-0')
  }
  expectRefusal(await world.run(['publish'], { CI_DEBUG_TRACE: 'true' }), 2, 'CI_DEBUG_TRACE', 'replace them')
  expect(contentOf(world.path(stable))).toEqual({})
})

test('a rehearsal ignores a variable that names authorities, and says so', async () => {
  const world = sealed.copy()
  const { exitCode, output } = await world.run(['publish'], { NODE_EXTRA_CA_CERTS: world.path('none.pem') })
  expect(exitCode, output).toBe(0)
  expect(output).toMatch(/^Note: NODE_EXTRA_CA_CERTS: not used/m)
  expect(packagesIn(world.path(stable))).toEqual(packagesIn(world.path('repositories/staging')))
})

test('outside of a job it says how to rehearse', async () => {
  const world = sealed.copy()
  expectRefusal(await world.run(['publish'], { STAGEGATE_REHEARSAL: '' }), 2, 'not running in a GitLab job', '--rehearsal')
})

test('a rehearsal writes neither outside its checkout nor to other machines', async () => {
  const outside = temporaryFolder()
  for (const [settings, origin, type] of [
    [{ path: outside }, '', 'directory'],
    [{ path: 'link/stable' }, '', 'directory'],
    [{ repository: 'acme/stable' }, 'https://packagecloud.example', 'packagecloud'],
  ] as const) {
    const world = built.copy()
    symlinkSync(outside, world.path('link'))
    const plan = JSON.parse(world.read('release-plan.json'))
    plan.repositories.staging = { ...plan.repositories.staging, settings, origin, type, credentials: { read: ['T'], write: ['T'] } }
    world.write('release-plan.json', JSON.stringify(plan))
    expectRefusal(
      await world.run(['stage', '--target', 'ubuntu/jammy', world.built('ubuntu/jammy')], { T: 'x' }),
      2,
      'a rehearsal must not use',
    )
  }
  expect(contentOf(outside)).toEqual({})
})

test('a rehearsal is not led away by a server on this machine', { timeout: 300_000 }, async () => {
  const server = await startPackagecloud({
    tls,
    repositories: { 'acme/staging': { token: 'one', private: true }, 'acme/stable': { token: 'two' } },
  })
  onTestFinished(() => server.close())
  const variables = { STAGING_TOKEN: 'one', PUBLIC_TOKEN: 'two' }
  const world = await World.sealed({ repositories: packagecloudRepositories(server.url), variables })
  const away = { answer: 302, headers: { location: 'https://packages.example/hello.deb' } }
  server.faults.add({ on: { method: 'GET', path: /\.deb(?:\?|$)/ }, times: 1000, do: away })
  expectRefusal(await world.run(['publish']), 3, 'would go to another machine: https://packages.example')
  expect(server.packages('acme/stable')).toEqual([])
})

test('a rehearsal takes the checkout that it is started in, whatever Git’s variables say, and refuses core.worktree', async () => {
  const [world, other] = [built.copy(), built.copy()]
  const words = ['stage', '--target', 'ubuntu/jammy', world.built('ubuntu/jammy')]
  const { exitCode, output } = await world.run(words, { GIT_DIR: other.path('.git'), GIT_WORK_TREE: other.checkout })
  expect(exitCode, output).toBe(0)
  expect(contentOf(other.path('repositories'))).toEqual({})
  appendFileSync(world.path('.git/config'), `[core]\n\tworktree = ${dirname(world.checkout)}\n`)
  expectRefusal(
    await world.run(words),
    2,
    `Git is configured to use ${dirname(world.checkout)} as the checkout`,
    'git config --unset core.worktree',
  )
})

test('a checkout without the tag is not the release', async () => {
  const world = built.copy()
  rmSync(world.path('.git/refs/tags', tag))
  expectRefusal(
    await world.run(['stage', '--target', 'ubuntu/jammy', world.built('ubuntu/jammy')]),
    2,
    'no tag points to the checked-out commit',
  )
  expectRefusal(
    await world.run(['stage', '--target', 'ubuntu/jammy', '--kind', 'release', world.built('ubuntu/jammy')]),
    3,
    'no matching tag',
  )
})

test('targets that do not exist are named beside those that do', async () => {
  expectRefusal(await sealed.copy().run(['publish', '--target', 'ubuntu/focal']), 2, 'ubuntu/focal', targets.map(({ id }) => id).join(', '))
})

test('a public file that changed is a conflict to both readers, and a lost digest is written by publishing again', async () => {
  const world = sealed.copy()
  for (const { id } of targets) await world.succeed(['publish', '--target', id])
  const verify = () => world.run(['verify', '--deadline', '0'])
  const [file] = packages
  if (file === undefined) throw new Error('Expected a package')
  rmSync(world.path(stable, '.sha256'), { recursive: true })
  expectRefusal(await verify(), 3, 'index-broken', 'Publish the same release again')
  const before = packagesIn(world.path(stable))
  for (const { id } of targets) expect((await world.succeed(['publish', '--target', id])).output).toContain('already-public')
  expect(packagesIn(world.path(stable))).toEqual(before)
  await world.succeed(['verify', '--deadline', '0'])

  appendFileSync(world.path(stable, file), '!')
  expectRefusal(await world.run(['publish', '--target', targets[0].id]), 3, 'conflict')
  expectRefusal(await verify(), 3, 'other-bytes', 'A different file is public')
  expect((await verify()).output).not.toContain('index-broken')
})
