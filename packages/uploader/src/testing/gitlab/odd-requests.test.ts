import { expect, test } from 'vitest'
import { emulated, tokens } from './emulated.js'
import { releasing } from './releasing.js'

// Requests that no documentation speaks of: each gets an answer, and none is an error of the emulator.
const packages = '/api/v4/projects/7/packages'
const generic = `${packages}/generic`

test.each([
  ['a path that cannot be decoded', `${generic}/a/1/%E0%A4%A`, 400],
  ['a project that cannot be decoded', '/api/v4/projects/%zz/packages', 400],
  ['a package without a file', `${generic}/a/1`, 404],
  ['a file without a name', `${generic}/a/1/`, 404],
  ['a way up', `${generic}/a/1/..`, 404],
  ['a hidden way up', `${generic}/a/1/%2e%2e`, 404],
  ['a project by another spelling of its path', '/api/v4/projects/ACME%2Facme/packages', 200],
  ['a project’s path that is not one part of the address', '/api/v4/projects/acme/acme/packages', 404],
  ['names that every object has', `${generic}/constructor/1/toString`, 404],
  ['an empty state', `${packages}?status=`, 200],
])('%s', async (_, path, status) => {
  const { server, ask } = await emulated()
  expect((await ask(path)).status).toBe(status)
  expect(server.violations).toEqual([])
})

test.each([
  [{ authorization: 'Basic !!!' }, 401],
  [{ authorization: 'Bearer' }, 404],
  [{ authorization: 'Digest x' }, 404],
  [{ 'job-token': 'constructor' }, 401],
  // The first that GitLab looks at.
  [{ 'private-token': tokens.grace, 'job-token': 'wrong' }, 200],
])('a credential of another form: %j', async (headers, status) => {
  const { server, ask } = await emulated()
  expect((await ask(packages, {}, headers)).status).toBe(status)
  expect(server.violations).toEqual([])
})

test('twenty uploads of one name at one time are twenty rows', async () => {
  const { packages: rows, ask } = await emulated()
  await Promise.all(Array.from({ length: 20 }, (_, index) => ask(`${generic}/a/1/a`, { method: 'PUT', body: String(index) })))
  expect(new Set(rows.all['a/1']?.map(({ id }) => id)).size).toBe(20)
})

test('twenty releases of one tag at one time are one', async () => {
  const { releases, post } = await releasing()
  const answers = await Promise.all(Array.from({ length: 20 }, () => post({ tag_name: 'v1' })))
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
  expect(answers.filter(({ status }) => status === 409)).toHaveLength(19)
  expect(releases.all).toHaveLength(1)
})

test.each([
  { tag_name: '', ref: 'v1' },
  { tag_name: 'v2', ref: 'v1', assets: [] },
  { tag_name: 'v2', ref: 'v1', assets: { links: [null] } },
  { tag_name: 'v2', ref: 'v1', assets: { links: [{ name: 'a', url: 'https://x y' }] } },
  { tag_name: 'v2', ref: 'toString' },
])('a release that is none is refused: %j', async (body) => {
  const { releases, server, post } = await releasing()
  expect((await post(body)).status).toBe(400)
  expect([releases.all, server.violations]).toEqual([[], []])
})
