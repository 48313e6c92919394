import { describe, expect, test } from 'vitest'
import { project, tokens } from './emulated.js'
import { releasing } from './releasing.js'

// The links of releases: lib/api/release/links.rb and app/models/releases/link.rb.
const api = '/api/v4/projects/7/releases'
const links = `${api}/v1/assets/links`
const url = 'https://downloads.example/a'

async function withRelease(...rest: Parameters<typeof releasing>) {
  const opened = await releasing(...rest)
  opened.releases.add({ project: 7, tag: 'v1', commit: 'c'.repeat(40), links: [{ name: 'a', url, directAssetPath: '/a' }] })
  return opened
}

const refusedBy = async (answer: Response) => [answer.status, await answer.json()]

describe('a link', () => {
  test('is added, listed, changed and removed', async () => {
    const { server, send, ask } = await withRelease()
    const added = await send('POST', links, { name: 'b', url: `${url}b`, direct_asset_path: '/b', link_type: 'image' })
    expect(await refusedBy(added)).toEqual([
      201,
      {
        id: 2,
        name: 'b',
        url: `${url}b`,
        external: true,
        link_type: 'image',
        direct_asset_url: `${server.url}/acme/acme/-/releases/v1/downloads/b`,
      },
    ])
    expect(await (await ask(links)).json()).toMatchObject([{ id: 2 }, { id: 1 }])
    expect(await (await ask(`${links}/1`)).json()).toMatchObject({ name: 'a' })
    const changed = await send('PUT', `${links}/2`, { name: 'c' })
    // A change that names no type makes it `other`: the parameter has a default.
    expect(await refusedBy(changed)).toMatchObject([200, { id: 2, name: 'c', url: `${url}b`, link_type: 'other' }])
    expect((await ask(`${links}/2`, { method: 'DELETE' })).status).toBe(200)
    expect((await ask(`${links}/2`)).status).toBe(404)
    expect(server.violations).toEqual([expect.stringContaining('DELETE')])
  })

  test.each([
    [{ name: 'a', url: `${url}2` }, 'Name has already been taken'],
    [{ name: 'b', url }, 'Url has already been taken'],
    [{ name: 'b', url: `${url}2`, direct_asset_path: '/a' }, 'Filepath has already been taken'],
    [{ name: ' ', url: `${url}2` }, "Name can't be blank"],
    [{ name: 'b', url: 'javascript:x' }, 'Url is blocked: Only allowed schemes are http, https, ftp'],
    [{ name: 'b', url: `${url}2`, direct_asset_path: 'b' }, 'Filepath is in an invalid format'],
  ])('is refused beside another one, or by itself: %j', async (body, message) => {
    const { releases, send } = await withRelease()
    expect(await refusedBy(await send('POST', links, body))).toEqual([400, { message: [message] }])
    expect(releases.all[0]?.links).toHaveLength(1)
  })

  test('can be the same as one of another release', async () => {
    const { releases, send } = await withRelease()
    releases.add({ project: 7, tag: 'v0', commit: 'c'.repeat(40) })
    expect((await send('POST', `${api}/v0/assets/links`, { name: 'a', url, direct_asset_path: '/a' })).status).toBe(201)
  })

  test.each([
    ['/b', 201],
    ['/el9/x86_64/a-1.2_3.rpm', 201],
    [`/${'a'.repeat(127)}`, 201],
    [`/${'a'.repeat(128)}`, 400],
    ['/a+b.deb', 400],
    ['/a~1.deb', 400],
    ['/a b', 400],
    ['/a-', 400],
    ['/a/', 400],
    ['//a', 400],
    ['/a//b', 400],
    ['/', 400],
    ['/ä', 400],
  ])('has the path that GitLab takes: %s', async (path, status) => {
    const { send } = await withRelease()
    expect((await send('POST', links, { name: 'b', url: `${url}b`, filepath: path })).status).toBe(status)
  })

  test('can have other paths where a version takes them', async () => {
    const { send } = await withRelease({ pathPattern: /^\/[\w.+~/-]+$/ })
    expect((await send('POST', links, { name: 'b', url: `${url}b`, direct_asset_path: '/a+b~1.deb' })).status).toBe(201)
  })

  test.each([
    ['POST', '', { url }, 'name is missing'],
    ['POST', '', { name: 'b', url: `${url}b`, link_type: 'deb' }, 'link_type does not have a valid value'],
    ['PUT', '/1', { link_type: 'image' }, expect.stringContaining('at least one parameter must be provided')],
  ])('is refused where a parameter is wrong: %s%s %j', async (method, path, body, error) => {
    const { send } = await withRelease()
    expect(await refusedBy(await send(method, links + path, body))).toEqual([400, { error }])
  })

  test('is written by those who may make a release', async () => {
    const { send } = await withRelease({}, { projects: [{ ...project, protectedTags: { v1: 'maintainer' } }] })
    const body = { name: 'b', url: `${url}b` }
    expect((await send('POST', links, body)).status).toBe(403)
    expect((await send('POST', links, body, { 'private-token': tokens.reader })).status).toBe(403)
    expect((await send('POST', links, body, {})).status).toBe(404)
    expect((await send('POST', links, body, { 'private-token': tokens.grace })).status).toBe(201)
    expect((await send('POST', `${api}/v7/assets/links`, body, { 'private-token': tokens.grace })).status).toBe(404)
  })
})

describe('the links of one request', () => {
  test.each([
    [
      [
        { name: 'a', url },
        { name: 'a', url: `${url}b` },
      ],
      'Links have duplicate values (a)',
    ],
    [
      [
        { name: 'a', url },
        { name: 'b', url },
      ],
      `Links have duplicate values (${url})`,
    ],
    [
      [
        { name: 'a', url, direct_asset_path: '/a' },
        { name: 'b', url: `${url}b`, direct_asset_path: '/a' },
      ],
      'Links have duplicate values (/a)',
    ],
    [[{ name: 'a', url, direct_asset_path: '/a+b' }], 'Links filepath is in an invalid format'],
  ])('are all refused for one: %j', async (given, message) => {
    const { releases, post } = await releasing()
    expect(await refusedBy(await post({ tag_name: 'v1', assets: { links: given } }))).toEqual([
      400,
      { message: `Validation failed: ${message}` },
    ])
    expect(releases.all).toEqual([])
  })

  test('are refused for a kind that there is not', async () => {
    const { post } = await releasing()
    const answer = await post({ tag_name: 'v1', assets: { links: [{ name: 'a', url, link_type: 'deb' }] } })
    expect(await refusedBy(answer)).toEqual([400, { message: "'deb' is not a valid link_type" }])
  })
})

describe('a download', () => {
  test('leads to where the link leads, any host, by the API and by the page', async () => {
    const { ask, server } = await withRelease({}, { projects: [{ ...project, visibility: 'public' }] })
    for (const path of [`${api}/v1/downloads/a`, '/acme/acme/-/releases/v1/downloads/a'])
      for (const method of ['GET', 'HEAD']) {
        const answer = await ask(path, { method }, {})
        expect([answer.status, answer.headers.get('location')]).toEqual([302, url])
      }
    for (const path of [
      `${api}/v1/downloads/b`,
      `${api}/v2/downloads/a`,
      '/acme/acme/-/releases/v1/downloads/b',
      '/acme/acme/-/releases/v2',
    ])
      expect((await ask(path, {}, {})).status).toBe(404)
    expect(server.violations).toEqual([])
  })

  test('of the latest release leads to it first', async () => {
    const { ask, server } = await withRelease({}, { projects: [{ ...project, visibility: 'public' }] })
    for (const [path, to] of [
      [`${api}/permalink/latest`, `${api}/v1`],
      [`${api}/permalink/latest/downloads/a`, `${api}/v1/downloads/a`],
      ['/acme/acme/-/releases/permalink/latest/downloads/a', '/acme/acme/-/releases/v1/downloads/a'],
    ] as const) {
      const answer = await ask(path, {}, {})
      expect([answer.status, answer.headers.get('location')]).toEqual([302, `${server.url}${to}`])
    }
  })

  test('of a private project leads a visitor to sign in, with every token, and the API does not find it', async () => {
    const { ask, server, token } = await withRelease()
    const page = '/acme/acme/-/releases/v1/downloads/a'
    for (const headers of [{}, { 'job-token': token }, { 'private-token': tokens.grace }]) {
      const answer = await ask(page, {}, headers)
      expect([answer.status, answer.headers.get('location')]).toEqual([302, `${server.url}/users/sign_in`])
    }
    expect((await fetch(`${server.url}${page}`)).headers.get('content-type')).toContain('text/html')
    expect((await ask(`${api}/v1/downloads/a`, {}, {})).status).toBe(404)
    expect((await ask(`${api}/v1/downloads/a`)).status).toBe(302)
  })

  test('of an instance below a path stays below it', async () => {
    const { releases, server } = await withRelease({}, { root: '/git', projects: [{ ...project, visibility: 'public' }] })
    releases.change(7, 'v1', { links: [{ id: 9, name: 'x', url: `${server.url}/acme/acme`, type: 'other', directAssetPath: '/x' }] })
    const shown = await (await fetch(`${server.url}${api}/v1`)).json()
    expect(shown).toMatchObject({
      assets: { links: [{ external: false, direct_asset_url: `${server.url}/acme/acme/-/releases/v1/downloads/x` }] },
    })
    const answer = await fetch(`${server.url}/acme/acme/-/releases/v1/downloads/x`, { redirect: 'manual' })
    expect(answer.headers.get('location')).toBe(`${server.url}/acme/acme`)
  })
})
