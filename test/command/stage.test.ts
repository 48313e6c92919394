import { copyFileSync, mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { expect, test } from 'vitest'
import { World } from '../release/world.js'

test('staging says in its own words what is staged, and what was there before', async () => {
  const world = await World.built()
  const stage = async () => (await world.succeed(['stage', '--target', 'any/any', world.built('any/any')])).stdout
  const rest = String.raw`  hello-doc_1\.2\.3-1_all\.deb for any\/any  662 B  sha256 [0-9a-f]{64}
Staged any\/any in staging; the record is \.stagegate\/records\/any%2Fany\.json\.
$`
  const line = (word: string, sent = '') => String.raw`^${word.padEnd(15)} hello-doc_1\.2\.3-1_all\.deb for any\/any -> staging${sent}\n *`
  expect(await stage()).toMatch(new RegExp(line('staged', String.raw`  662 B sent in \d\.\d s, .*\/s`) + rest))
  expect(await stage()).toMatch(new RegExp(line('already-staged') + rest))
})

test('a rehearsal does not mind variables that name certificate authorities, and says so; a job does', async () => {
  const world = await World.built()
  const words = ['stage', '--target', 'any/any', world.built('any/any')]
  const variables = { NODE_EXTRA_CA_CERTS: world.path('package.json'), SSL_CERT_FILE: '/nowhere' }
  const rehearsed = await world.run(words, variables)
  expect(rehearsed.exitCode, rehearsed.output).toBe(0)
  expect(rehearsed.stderr).toContain(
    'Note: NODE_EXTRA_CA_CERTS, SSL_CERT_FILE: not used, because a rehearsal connects only to this machine.\n',
  )
  expect(await world.run(words, { ...variables, NODE_OPTIONS: '--no-warnings' })).toMatchObject({
    exitCode: 2,
    output: expect.not.stringContaining('SSL_CERT_FILE'),
  })
  const job = await world.run(words, { ...variables, STAGEGATE_REHEARSAL: '', CI_JOB_TOKEN: 'x' })
  expect(job).toMatchObject({ exitCode: 2, output: expect.stringMatching(/NODE_EXTRA_CA_CERTS(?:.|\n)*SSL_CERT_FILE/) })
})

test('staging says of a conflict what was built and what is in staging: nothing is sealed or public there', async () => {
  const world = await World.built()
  await world.succeed(['stage', '--target', 'ubuntu/jammy', world.built('ubuntu/jammy')])
  const result = await world.run(['stage', '--target', 'ubuntu/jammy', world.built('debian/bookworm')])
  expect(result.exitCode, result.output).toBe(3)
  expect(result.stdout).toMatch(/^conflict .* -> staging\n {2}built {7}sha256 [0-9a-f]{64}\n {2}in staging {2}sha256 [0-9a-f]{64}\n/)
  expect(result.output).not.toMatch(/sealed|public/)
})

test('a link without its target is named, whatever else the build left', async () => {
  const world = await World.built()
  mkdirSync(world.path('dist'))
  const [link, other] = [world.path('dist/hello_1.2.3-1_amd64.deb'), world.path('dist/b.deb')]
  symlinkSync('../lost/hello.deb', link)
  const said = {
    exitCode: 2,
    stderr:
      'stagegate: dist/hello_1.2.3-1_amd64.deb: it is a link to ../lost/hello.deb, which does not exist\nNothing was staged. build: [ubuntu/jammy] must leave the file itself, or the target of the link, as artifacts.\n',
  }
  expect(await world.run(['stage', '--target', 'ubuntu/jammy'])).toMatchObject(said)
  copyFileSync(world.path(world.built('any/any')), other)
  expect(await world.run(['stage', '--target', 'ubuntu/jammy'])).toMatchObject(said)
  rmSync(other)
  // With its target it is a package as any other.
  mkdirSync(world.path('lost'))
  copyFileSync(world.path(world.built('ubuntu/jammy')), world.path('lost/hello.deb'))
  await world.succeed(['stage', '--target', 'ubuntu/jammy'])
})
