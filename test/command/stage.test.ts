import { expect, test } from 'vitest'
import { World } from '../release/world.js'

test('staging says in its own words what is staged, and what was there before', async () => {
  const world = await World.built()
  const stage = async () => (await world.succeed(['stage', '--target', 'any/any', world.built('any/any')])).stdout
  const rest = String.raw`  hello-doc_1\.2\.3-1_all\.deb for any\/any  662 B  sha256 [0-9a-f]{64}
Staged any\/any in staging; the record is \.stagegate\/records\/any%2Fany\.json\.
$`
  const line = (word: string, sent = '') => String.raw`^${word.padEnd(15)} hello-doc_1\.2\.3-1_all\.deb for any\/any -> staging${sent}\n *`
  expect(await stage()).toMatch(new RegExp(line('staged', String.raw`  662 B in \d\.\d s, .*\/s`) + rest))
  expect(await stage()).toMatch(new RegExp(line('already-staged') + rest))
})

test('a rehearsal does not mind variables that name certificate authorities, and says so; a job does', async () => {
  const world = await World.built()
  const words = ['stage', '--target', 'any/any', world.built('any/any')]
  const variables = { NODE_EXTRA_CA_CERTS: world.path('package.json'), SSL_CERT_FILE: '/nowhere' }
  const rehearsed = await world.run(words, variables)
  expect(rehearsed.exitCode, rehearsed.output).toBe(0)
  expect(rehearsed.stderr).toContain(
    'Note: NODE_EXTRA_CA_CERTS, SSL_CERT_FILE: not used, since this rehearsal talks to this machine alone.\n',
  )
  expect(await world.run(words, { ...variables, NODE_OPTIONS: '--no-warnings' })).toMatchObject({
    exitCode: 2,
    output: expect.not.stringContaining('SSL_CERT_FILE'),
  })
  const job = await world.run(words, { ...variables, STAGEGATE_REHEARSAL: '', CI_JOB_TOKEN: 'x' })
  expect(job).toMatchObject({ exitCode: 2, output: expect.stringMatching(/NODE_EXTRA_CA_CERTS(?:.|\n)*SSL_CERT_FILE/) })
})
