import { describe, expect, test } from 'vitest'
import { type EmulatedOptions, emulated, job, project, tokens } from './emulated.js'

// Who may read and write packages. Each answer is the one that the source named in package-rights.ts and projects.ts gives.
const list = '/api/v4/projects/7/packages'
const file = `${list}/generic/acme/1/a`
const basic = (password: string) => ({ authorization: `Basic ${Buffer.from(`anybody:${password}`).toString('base64')}` })

async function withFile(options: EmulatedOptions = {}) {
  const opened = await emulated(options)
  opened.packages.add(7, ['acme', '1'], { name: 'a', text: 'abc' })
  const { ask } = opened
  const statuses = async (headers: Record<string, string>) => {
    const read = (await ask(file, {}, headers)).status
    const listed = (await ask(list, {}, headers)).status
    const written = (await ask(`${list}/generic/acme/1/b`, { method: 'PUT', body: 'abc' }, headers)).status
    return [read, listed, written]
  }
  return { ...opened, statuses }
}

describe('a private project', () => {
  test.each([
    ['nobody', {}, [401, 404, 401]],
    ['an unknown token', { 'private-token': 'glpat-unknown' }, [401, 401, 401]],
    ['a maintainer', { 'private-token': tokens.grace }, [200, 200, 201]],
    ['a maintainer by Bearer', { authorization: `Bearer ${tokens.grace}` }, [200, 200, 201]],
    ['a maintainer by Basic', basic(tokens.grace), [200, 200, 201]],
    ['a token that only reads', { 'private-token': tokens.readApi }, [200, 200, 403]],
    ['the project’s own token', { 'private-token': tokens.bot }, [200, 200, 201]],
    ['a reporter', { 'private-token': tokens.reader }, [200, 200, 403]],
    ['a guest', { 'private-token': tokens.guest }, [403, 403, 403]],
    ['no member', { 'private-token': tokens.mallory }, [404, 404, 404]],
    ['a token for deployments', { 'deploy-token': tokens.deploy }, [200, 200, 201]],
    ['a token for deployments by Basic', basic(tokens.deploy), [200, 200, 201]],
    ['a token for deployments that only pulls', { 'deploy-token': tokens.pull }, [200, 200, 403]],
    ['a token for deployments in a person’s header', { 'private-token': tokens.deploy }, [401, 401, 401]],
    ['a person’s token in the header for deployments', { 'deploy-token': tokens.grace }, [401, 401, 401]],
    ['a person’s token in a job’s header', { 'job-token': tokens.grace }, [401, 401, 401]],
  ])('answers %s', async (_, headers, expected) => {
    const { statuses } = await withFile()
    expect(await statuses(headers)).toEqual(expected)
  })

  test('lets a job in with its user’s role, by three headers, until it is over', async () => {
    const { jobs, token, statuses } = await withFile()
    for (const headers of [{ 'job-token': token }, { authorization: `Bearer ${token}` }, basic(token)])
      expect(await statuses(headers)).toEqual([200, 200, 201])
    expect(await statuses({ 'private-token': token })).toEqual([401, 401, 401])
    expect(await statuses({ 'job-token': jobs.start({ ...job, user: 'reader' }) })).toEqual([200, 200, 403])
    expect(await statuses({ 'job-token': jobs.start({ ...job, user: 'mallory' }) })).toEqual([404, 403, 404])
    jobs.end(token)
    expect(await statuses({ 'job-token': token })).toEqual([401, 401, 401])
  })

  test('refuses a token that was revoked', async () => {
    const { projects, statuses } = await withFile()
    projects.revoke(tokens.grace)
    expect(await statuses({ 'private-token': tokens.grace })).toEqual([401, 401, 401])
  })

  test('asks a visitor for a credential where a file is named, and hides itself elsewhere', async () => {
    const { ask } = await withFile()
    expect((await ask(file, {}, {})).headers.get('www-authenticate')).toBe('Basic realm="GitLab Packages Registry"')
    expect(await (await ask(list, {}, {})).json()).toEqual({ message: '404 Project Not Found' })
    expect((await ask('/api/v4/projects/8/packages')).status).toBe(404)
    expect((await ask('/api/v4/projects/acme%2Facme/packages')).status).toBe(200)
  })
})

describe('a project that others see', () => {
  test.each([
    ['nobody', {}, [200, 200, 401]],
    ['an unknown token', { 'private-token': 'glpat-unknown' }, [401, 401, 401]],
    ['no member', { 'private-token': tokens.mallory }, [200, 200, 403]],
    ['a guest', { 'private-token': tokens.guest }, [200, 200, 403]],
  ])('answers %s, if it is public', async (_, headers, expected) => {
    const { statuses } = await withFile({ projects: [{ ...project, visibility: 'public' }] })
    expect(await statuses(headers)).toEqual(expected)
  })

  test('is seen by everybody with an account, if it is internal', async () => {
    const { statuses } = await withFile({ projects: [{ ...project, visibility: 'internal' }] })
    expect(await statuses({})).toEqual([401, 404, 401])
    expect(await statuses({ 'private-token': tokens.mallory })).toEqual([200, 200, 403])
  })

  test('can keep its packages to its members, or show them although it is private', async () => {
    const members = await withFile({ projects: [{ ...project, visibility: 'public', packageRegistry: 'members' }] })
    expect(await members.statuses({})).toEqual([403, 403, 401])
    expect(await members.statuses({ 'private-token': tokens.reader })).toEqual([200, 200, 403])
    const everyone = await withFile({ projects: [{ ...project, packageRegistry: 'everyone' }] })
    expect((await everyone.ask(file, {}, {})).status).toBe(200)
  })
})

describe('a package registry that is switched off', () => {
  test('is forbidden in its project, and not found on its instance', async () => {
    const inProject = await withFile({ projects: [{ ...project, packageRegistry: 'disabled' }] })
    expect(await inProject.statuses({ 'private-token': tokens.grace })).toEqual([403, 403, 403])
    const onInstance = await withFile({ packages: { enabled: false } })
    expect(await onInstance.statuses({ 'private-token': tokens.grace })).toEqual([404, 404, 404])
  })
})

// https://docs.gitlab.com/ci/jobs/ci_job_token/#control-job-token-access-to-your-project
describe('a job of another project', () => {
  const own = { id: 8, path: 'acme/builder', members: { ada: 'developer' } } as const
  async function asAnother(jobTokens: (typeof project)['jobTokens'], rest: Partial<typeof project> = {}) {
    const opened = await withFile({ projects: [{ ...project, ...rest, jobTokens }, own] })
    const headers = { 'job-token': opened.jobs.start({ ...job, project: own }) }
    return { ...opened, headers }
  }

  test('comes in only with the allowlist', async () => {
    const refused = await asAnother(undefined)
    expect(await refused.statuses(refused.headers)).toEqual([404, 403, 404])
    const message = '403 Forbidden - Authentication by CI/CD job token not allowed from builder to acme.'
    expect(await (await refused.ask(list, {}, refused.headers)).json()).toEqual({ message })
    const admitted = await asAnother({ 'acme/builder': 'everything' })
    expect(await admitted.statuses(admitted.headers)).toEqual([200, 200, 201])
  })

  test('comes in only as a member', async () => {
    const { statuses, headers } = await asAnother({ 'acme/builder': 'everything' }, { members: { grace: 'maintainer' } })
    expect(await statuses(headers)).toEqual([404, 403, 404])
  })

  test('still reads a public project’s packages, and writes none', async () => {
    const { statuses, headers } = await asAnother(undefined, { visibility: 'public' })
    expect(await statuses(headers)).toEqual([200, 200, 403])
  })

  test.each([
    [[], [403, 403, 403]],
    [['READ_PACKAGES'], [200, 200, 403]],
    [['ADMIN_PACKAGES'], [200, 200, 201]],
    [
      ['READ_RELEASES', 'ADMIN_RELEASES'],
      [403, 403, 403],
    ],
  ] as const)('may do what its fine-grained permissions say: %s', async (permissions, expected) => {
    const { statuses, headers } = await asAnother({ 'acme/builder': permissions })
    expect(await statuses(headers)).toEqual(expected)
  })

  test('learns which permission it lacks', async () => {
    const { ask, headers } = await asAnother({ 'acme/builder': ['READ_PACKAGES'] })
    const answer = await ask(file, { method: 'PUT', body: 'abc' }, headers)
    const what = 'Insufficient permissions to access this resource in project acme.'
    expect(await answer.json()).toEqual({
      message: `403 Forbidden - ${what} The following token permission is required: admin_packages.`,
    })
  })
})

// https://docs.gitlab.com/user/packages/package_registry/package_protection_rules/
describe('a protected package', () => {
  test.each([
    ['maintainer', { 'private-token': tokens.grace }, 201],
    ['maintainer', { 'private-token': tokens.bot }, 403],
    ['maintainer', { 'deploy-token': tokens.deploy }, 403],
    ['nobody', { 'private-token': tokens.grace }, 403],
  ] as const)('lets in its %s, and nobody below', async (least, headers, status) => {
    const { ask } = await withFile({ packages: { protectedNames: { 'ac*': least } } })
    const answer = await ask(file, { method: 'PUT', body: 'abc' }, headers)
    expect(answer.status).toBe(status)
    if (status === 403) expect(await answer.json()).toEqual({ message: '403 Forbidden - Package protected.' })
    expect((await ask(`${list}/generic/other/1/a`, { method: 'PUT', body: 'abc' }, { 'private-token': tokens.bot })).status).toBe(201)
  })
})

test('a name that GitLab does not take is refused before anybody asks for the project, and after the credential', async () => {
  const { ask } = await withFile()
  const wrong = '/api/v4/projects/9/packages/generic/a%20b/1/a'
  expect((await ask(wrong, { method: 'PUT', body: 'x' }, {})).status).toBe(401)
  expect((await ask(wrong, { method: 'PUT', body: 'x' })).status).toBe(400)
  expect((await ask('/api/v4/projects/9/packages/generic/a/1/a', { method: 'PUT', body: 'x' })).status).toBe(404)
})
