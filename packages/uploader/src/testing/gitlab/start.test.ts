import { describe, expect, onTestFinished, test } from 'vitest'
import { asking, emulated, project, tokens } from './emulated.js'
import { startGitlab } from './start.js'

const packages = '/api/v4/projects/7/packages'

/** The pages of a list that the links lead to, and the first answer's headers. */
async function followed(ask: (path: string) => Promise<Response>, path: string) {
  const pages: number[][] = []
  let first: Headers | undefined
  for (let next: string | undefined = path; next !== undefined && pages.length < 10; ) {
    const answer: Response = await ask(next)
    first ??= answer.headers
    const rows: readonly { id: number }[] = JSON.parse(await answer.text())
    pages.push(rows.map(({ id }) => id))
    next = /<([^>]+)>; rel="next"/.exec(answer.headers.get('link') ?? '')?.[1]
  }
  return { pages, first }
}

async function withPackages(options: Parameters<typeof emulated>[0]) {
  const opened = await emulated(options)
  for (const version of ['1', '2', '3', '4', '5']) opened.packages.add(7, ['acme', version], { name: 'a', text: 'x' })
  return opened
}

describe('pages', () => {
  test('are numbered, with totals and links', async () => {
    const { ask } = await withPackages({})
    const { pages, first } = await followed(ask, `${packages}?per_page=2`)
    expect(pages).toEqual([[1, 2], [3, 4], [5]])
    expect(first?.get('x-total')).toBe('5')
    expect([...(first?.get('link') ?? '').matchAll(/rel="(\w+)"/g)].map(([, rel]) => rel)).toEqual(['next', 'first', 'last'])
    for (const query of ['per_page=0', 'per_page=x', 'page=0', 'page=1.5']) expect((await ask(`${packages}?${query}`)).status).toBe(400)
    expect(await (await ask(`${packages}?page=9`)).json()).toEqual([])
  })

  test('by keyset have a link to the next one, and no totals', async () => {
    const { ask } = await withPackages({})
    const { pages, first } = await followed(ask, `${packages}?per_page=2&pagination=keyset&order_by=id&sort=asc`)
    expect(pages).toEqual([[1, 2], [3, 4], [5]])
    expect([first?.get('x-total'), first?.get('x-next-page')]).toEqual([null, null])
    expect((await followed(ask, `${packages}?per_page=4&pagination=keyset`)).pages).toEqual([[5, 4, 3, 2], [1]])
    expect((await ask(`${packages}?pagination=keyset&order_by=name`)).status).toBe(405)
    expect((await ask(`${packages}?pagination=keyset&cursor=!!`)).status).toBe(400)
  })

  test('by keyset skip nothing that is there, when something is deleted meanwhile', async () => {
    const opened = await withPackages({})
    const query = `${packages}?per_page=2&pagination=keyset&sort=asc`
    const link = (await opened.ask(query)).headers.get('link') ?? ''
    opened.packages.delete('acme', '1')
    const answer = await opened.ask(/<([^>]+)>/.exec(link)?.[1] ?? '')
    expect(await answer.json()).toMatchObject([{ id: 3 }, { id: 4 }])
  })

  test('are still numbered where a list has no keyset', async () => {
    const { ask } = await withPackages({ packages: { keyset: false } })
    const { pages, first } = await followed(ask, `${packages}?per_page=3&pagination=keyset`)
    expect([pages, first?.get('x-total')]).toEqual([
      [
        [1, 2, 3],
        [4, 5],
      ],
      '5',
    ])
  })
})

describe('an instance', () => {
  test('that lives below a path has all of its routes there, and links with it', async () => {
    const { server, ask } = await withPackages({ root: '/gitlab' })
    expect(server.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+\/gitlab$/)
    expect((await followed(ask, `${packages}?per_page=4`)).pages).toEqual([[1, 2, 3, 4], [5]])
    expect((await ask(`${new URL(server.url).origin}${packages}`)).status).toBe(404)
    expect((await ask(`${server.url}x${packages}`)).status).toBe(404)
    expect(await (await ask('/api/v4/projects/7', {}, { 'private-token': tokens.grace })).json()).toMatchObject({
      web_url: `${server.url}/acme/acme`,
    })
  })

  test('behind a proxy links to the address that it is configured with', async () => {
    const { ask } = await withPackages({ address: 'https://gitlab.example/git' })
    const link = (await ask(`${packages}?per_page=4`)).headers.get('link')
    expect(link).toContain(`<https://gitlab.example/git${packages}?per_page=4&page=2>; rel="next"`)
  })

  test('of an older version does not know newer endpoints, and ignores newer parameters', async () => {
    const { ask } = await withPackages({ unknown: { paths: [/\/package_files$/], parameters: ['package_version'] } })
    expect((await ask(`${packages}/1/package_files`)).status).toBe(404)
    expect(await (await ask(`${packages}?package_version=1&per_page=100`)).json()).toHaveLength(5)
  })

  test('speaks plain HTTP, too', async () => {
    const server = await startGitlab([], { tls: undefined })
    onTestFinished(() => server.close())
    expect((await fetch(`${server.url}/api/v4/version`)).status).toBe(404)
  })
})

describe('something that a client must never do', () => {
  test.each([['private_token=x'], ['job_token=x'], [`a=${tokens.grace}`]])('is noted: a token in an address (%s)', async (query) => {
    const { server, ask } = await emulated()
    await expect(ask(`${packages}?${query}`)).rejects.toThrow()
    expect(server.violations).toEqual([expect.stringContaining('a token in the URL')])
  })

  test('is noted: to delete', async () => {
    const { packages: rows, server, ask } = await emulated()
    rows.add(7, ['acme', '1'], { name: 'a', text: 'x' })
    await ask(`${packages}/1`, { method: 'DELETE' }, { 'private-token': tokens.grace })
    expect(server.violations).toEqual([expect.stringContaining('a client must delete nothing')])
    expect(Object.keys(rows.all)).toHaveLength(1)
  })

  test('shows no token in the log of requests', async () => {
    const { server } = await emulated()
    for (const name of ['private-token', 'job-token', 'deploy-token', 'authorization'])
      await asking(server, { [name]: tokens.grace })('/api/v4/projects/7')
    expect(JSON.stringify(server.requests)).not.toContain(tokens.grace)
  })
})

// docs.gitlab.com/api/projects and /api/tags; docs.gitlab.com/ci/jobs/ci_job_token for the job's token
describe('a project and its tags', () => {
  test.each([
    ['nobody', {}, [404, 404, 404]],
    ['a guest', { 'private-token': tokens.guest }, [200, 403, 403]],
    ['a reporter', { 'private-token': tokens.reader }, [200, 200, 200]],
    ['no member', { 'private-token': tokens.mallory }, [404, 404, 404]],
    ['a token for deployments', { 'deploy-token': tokens.deploy }, [404, 404, 404]],
  ])('are shown to those that may read them: %s', async (_, headers, expected) => {
    const { ask } = await emulated()
    const statuses: number[] = []
    for (const path of ['', '/repository/tags', '/repository/tags/v1'])
      statuses.push((await ask(`/api/v4/projects/7${path}`, {}, headers)).status)
    expect(statuses).toEqual(expected)
  })

  test('show a job no more than the list of tags', async () => {
    const { ask } = await emulated({ projects: [{ ...project, visibility: 'public' }] })
    expect((await ask('/api/v4/projects/7/repository/tags')).status).toBe(200)
    for (const path of ['', '/repository/tags/v1']) expect((await ask(`/api/v4/projects/7${path}`)).status).toBe(401)
  })

  test('have the fields that a client reads', async () => {
    const tags = { v1: 'c'.repeat(40), 'acme/v2': 'd'.repeat(40) }
    const of = { ...project, tags, visibility: 'public', protectedTags: { 'v*': 'maintainer' } } as const
    const { server, ask } = await emulated({ projects: [of] })
    const read = async (path: string) => (await ask(`/api/v4/projects/${path}`, {}, {})).json()
    expect(await read('7')).toEqual(await read('acme%2Facme'))
    expect(await read('7')).toMatchObject({
      id: 7,
      path_with_namespace: 'acme/acme',
      visibility: 'public',
      web_url: `${server.url}/acme/acme`,
      default_branch: 'main',
      package_registry_access_level: 'enabled',
    })
    expect(await read('7/repository/tags/v1')).toMatchObject({ name: 'v1', commit: { id: tags.v1 }, protected: true })
    expect(await read('7/repository/tags/acme%2Fv2')).toMatchObject({ target: tags['acme/v2'], protected: false })
    expect(await read('7/repository/tags/v3')).toEqual({ message: '404 Tag Not Found' })
  })
})
