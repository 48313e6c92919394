import { describe, expect, test } from 'vitest'
import { type EmulatedOptions, job, project, tokens } from './emulated.js'
import { releasing } from './releasing.js'

// Facts are of lib/api/releases.rb, app/services/releases/ and app/models/release.rb, unless a test names another source.
const api = '/api/v4/projects/7/releases'
const url = 'https://downloads.example/a.deb'

const saying = async (answer: Response) => [answer.status, await answer.json()]

describe('a release', () => {
  test('is made with all of its links by one request, and shown as it was sent', async () => {
    const { releases, server, ask, post } = await releasing()
    const links = [
      { name: 'a.deb', url, link_type: 'package', direct_asset_path: '/el9/a.deb' },
      { name: 'page', url: `${server.url}/acme/acme/-/packages` },
    ]
    const answer = await post({ tag_name: 'v1', name: 'One', description: 'Notes', assets: { links } })
    expect(answer.status).toBe(201)
    const shown = await answer.json()
    expect(shown).toMatchObject({
      tag_name: 'v1',
      name: 'One',
      description: 'Notes',
      author: { username: 'ada' },
      commit: { id: 'c'.repeat(40) },
      upcoming_release: false,
      assets: {
        // Its archives of the source count, too.
        count: 6,
        links: [
          { id: 2, name: 'page', external: false, link_type: 'other', direct_asset_url: `${server.url}/acme/acme/-/packages` },
          {
            id: 1,
            name: 'a.deb',
            url,
            external: true,
            link_type: 'package',
            direct_asset_url: `${server.url}/acme/acme/-/releases/v1/downloads/el9/a.deb`,
          },
        ],
      },
      _links: { self: `${server.url}/acme/acme/-/releases/v1` },
    })
    expect(await (await ask(`${api}/v1`)).json()).toEqual(shown)
    expect(releases.all).toMatchObject([{ tag: 'v1', links: [{ name: 'a.deb' }, { name: 'page' }] }])
  })

  test('that is there already is not compared', async () => {
    const { releases, post } = await releasing()
    releases.add({ project: 7, tag: 'v1', commit: 'd'.repeat(40) })
    expect(await saying(await post({ tag_name: 'v1' }))).toEqual([409, { message: 'Release already exists' }])
  })

  test('makes its tag where there is none, and looks at no ref where there is one', async () => {
    const { projects, post } = await releasing()
    expect(await saying(await post({ tag_name: 'v2' }))).toEqual([422, { message: 'Ref is not specified' }])
    expect(await saying(await post({ tag_name: 'v2', ref: 'gone' }))).toEqual([400, { message: 'Target gone is invalid' }])
    expect(await saying(await post({ tag_name: 'v 2', ref: 'main' }))).toEqual([400, { message: 'Tag name invalid' }])
    expect(await (await post({ tag_name: 'v2', ref: 'main' })).json()).toMatchObject({ commit: { id: 'a'.repeat(40) } })
    expect(projects.tagsOf(project).get('v2')).toBe('a'.repeat(40))
    // The answer's commit is the only thing that tells.
    expect(await (await post({ tag_name: 'v1', ref: 'main' })).json()).toMatchObject({ commit: { id: 'c'.repeat(40) } })
  })

  test('that cannot be saved leaves the tag behind, and can be made again', async () => {
    const { projects, releases, post } = await releasing()
    const wrong = { tag_name: 'v2', ref: 'main', assets: { links: [{ name: 'a', url: 'file:///a' }] } }
    expect((await post(wrong)).status).toBe(400)
    expect([releases.all, projects.tagsOf(project).has('v2')]).toEqual([[], true])
    expect((await post({ tag_name: 'v2' })).status).toBe(201)
  })

  test.each([
    [{}, 'tag_name is missing'],
    [{ tag_name: 'v1', released_at: 'soon' }, 'released_at is invalid'],
    [{ tag_name: 'v1', assets: { links: [{ url }] } }, 'assets[links][0][name] is missing'],
    [{ tag_name: 'v1', milestones: ['1.0'], milestone_ids: [1] }, expect.stringContaining('at the same time')],
  ])('is refused where a parameter is wrong: %j', async (body, error) => {
    const { post } = await releasing()
    expect(await saying(await post(body))).toEqual([400, { error }])
  })

  test('is refused as a form, which this emulator does not read, and as no object', async () => {
    const { ask, token } = await releasing()
    const form = await ask(api, { method: 'POST', body: new URLSearchParams({ tag_name: 'v1' }) }, { 'job-token': token })
    expect(form.status).toBe(415)
    for (const body of ['{', '[]'])
      expect((await ask(api, { method: 'POST', body }, { 'job-token': token, 'content-type': 'application/json' })).status).toBe(400)
  })

  test('names milestones that are there, by title or number, before its tag is made', async () => {
    const { projects, post } = await releasing({}, { projects: [{ ...project, milestones: ['1.0', '1.1'] }] })
    const refused = [
      [{ milestones: ['1.0', '2.0'] }, 'Milestone(s) not found: 2.0'],
      [{ milestone_ids: [3] }, 'Milestone id(s) not found: 3'],
    ] as const
    for (const [body, message] of refused)
      expect(await saying(await post({ tag_name: 'v2', ref: 'main', ...body }))).toEqual([400, { message }])
    expect(projects.tagsOf(project).has('v2')).toBe(false)
    expect(await (await post({ tag_name: 'v2', ref: 'main', milestone_ids: [2] })).json()).toMatchObject({ milestones: [{ title: '1.1' }] })
  })

  test('can be upcoming or historical, which is a label and hides nothing', async () => {
    const { ask, post } = await releasing({ now: () => '2026-06-01T00:00:00.000Z' })
    await post({ tag_name: 'v2', ref: 'main', released_at: '2026-07-01T00:00:00Z' })
    await post({ tag_name: 'v1', released_at: '2020-07-01T00:00:00+02:00' })
    expect(await (await ask(api, {}, { 'private-token': tokens.reader })).json()).toMatchObject([
      { tag_name: 'v2', upcoming_release: true },
      { tag_name: 'v1', upcoming_release: false, released_at: '2020-06-30T22:00:00.000Z' },
    ])
  })

  test('of a tag with a slash is found by its %-encoded name alone', async () => {
    const { server, ask, post } = await releasing()
    const links = [{ name: 'a', url, direct_asset_path: '/a' }]
    expect((await post({ tag_name: 'acme/v1', ref: 'main', assets: { links } })).status).toBe(201)
    expect(await (await ask(`${api}/acme%2Fv1`)).json()).toMatchObject({
      assets: { links: [{ direct_asset_url: `${server.url}/acme/acme/-/releases/acme%2Fv1/downloads/a` }] },
    })
    expect((await ask(`${api}/acme/v1`)).status).toBe(404)
  })

  test('is changed in everything but its links', async () => {
    const { releases, send, post } = await releasing()
    await post({ tag_name: 'v1', assets: { links: [{ name: 'a', url }] } })
    const answer = await send('PUT', `${api}/v1`, { name: 'Two', assets: { links: [] } })
    expect([answer.status, releases.all]).toMatchObject([200, [{ name: 'Two', description: null, links: [{ name: 'a' }] }]])
    expect(await saying(await send('PUT', `${api}/v1`, {}))).toEqual([400, { message: 'params is empty' }])
    // Nobody has the right to change what is not there.
    expect((await send('PUT', `${api}/v2`, { name: 'Two' })).status).toBe(403)
  })

  test.each([
    ['made, and forgotten', { acceptAndForget: true }, 201, 0],
    ['made without an answer', { commitThenReset: true }, undefined, 1],
    ['made, and answered as if not', { commitThenAnswer: 502 }, 502, 1],
    ['lost with the connection', { reset: 'after-body' }, undefined, 0],
    ['refused before anything', { answer: 503 }, 503, 0],
  ] as const)('can be %s', async (_, fault, status, count) => {
    const { releases, server, post } = await releasing()
    server.faults.add({ do: fault })
    expect((await post({ tag_name: 'v1' }).catch(() => undefined))?.status).toBe(status)
    expect(releases.all).toHaveLength(count)
  })
})

describe('the list of releases', () => {
  test('is kept for a while for each user; one release is always as it is', async () => {
    const { ask, post } = await releasing({ listLag: 2 })
    const listed = async (headers: Record<string, string>) => JSON.parse(await (await ask(api, {}, headers)).text()).length
    const reader = { 'private-token': tokens.reader }
    expect(await listed(reader)).toBe(0)
    await post({ tag_name: 'v1' })
    expect((await ask(`${api}/v1`, {}, reader)).status).toBe(200)
    expect(await listed({ 'private-token': tokens.grace })).toBe(1)
    expect([await listed(reader), await listed(reader), await listed(reader)]).toEqual([0, 0, 1])
  })

  test('has pages, and the order that is asked for', async () => {
    const { ask, releases } = await releasing()
    for (const [index, tag] of ['v1', 'v2', 'v3'].entries())
      releases.add({
        project: 7,
        tag,
        commit: 'c'.repeat(40),
        releasedAt: `2026-01-0${3 - index}T00:00:00.000Z`,
        createdAt: `2026-02-0${index + 1}T00:00:00.000Z`,
      })
    const tagsIn = async (query: string) => {
      const rows: readonly { tag_name: string }[] = JSON.parse(await (await ask(`${api}?${query}`)).text())
      return rows.map(({ tag_name }) => tag_name).join(' ')
    }
    expect(await tagsIn('')).toBe('v1 v2 v3')
    expect(await tagsIn('order_by=created_at')).toBe('v3 v2 v1')
    expect(await tagsIn('sort=asc&per_page=2')).toBe('v3 v2')
    expect(await tagsIn('sort=asc&per_page=2&page=2')).toBe('v1')
  })
})

describe('the rights to releases', () => {
  const statuses = async ({ ask, post }: Awaited<ReturnType<typeof releasing>>, headers: Record<string, string>) => [
    (await ask(api, {}, headers)).status,
    (await ask(`${api}/v0`, {}, headers)).status,
    (await post({ tag_name: 'v1' }, headers)).status,
  ]
  const withOne = async (rest: EmulatedOptions = {}) => {
    const opened = await releasing({}, rest)
    opened.releases.add({ project: 7, tag: 'v0', commit: 'c'.repeat(40) })
    return opened
  }

  test.each([
    ['nobody', {}, [404, 404, 404]],
    ['a token for deployments, which does not reach them', { 'deploy-token': tokens.deploy }, [404, 404, 404]],
    ['no member', { 'private-token': tokens.mallory }, [404, 404, 404]],
    ['a guest', { 'private-token': tokens.guest }, [200, 403, 403]],
    ['a reporter', { 'private-token': tokens.reader }, [200, 200, 403]],
    ['a token that only reads', { 'private-token': tokens.readApi }, [200, 200, 403]],
    ['a maintainer', { authorization: `Bearer ${tokens.grace}` }, [200, 200, 201]],
    ['the project’s own token', { 'private-token': tokens.bot }, [200, 200, 201]],
    ['an unknown token', { 'job-token': 'glcbt-unknown' }, [401, 401, 401]],
  ])('of a private project: %s', async (_, headers, expected) => {
    expect(await statuses(await withOne(), headers)).toEqual(expected)
  })

  test('of a public project include everybody’s to read', async () => {
    const opened = await withOne({ projects: [{ ...project, visibility: 'public' }] })
    expect(await statuses(opened, {})).toEqual([200, 200, 403])
    expect(await statuses(opened, { 'private-token': tokens.mallory })).toEqual([200, 200, 403])
  })

  test('show a guest of a private project no tag', async () => {
    const { ask } = await withOne()
    const [shown] = JSON.parse(await (await ask(api, {}, { 'private-token': tokens.guest })).text())
    expect(Object.keys(shown)).not.toEqual(expect.arrayContaining(['tag_name']))
    expect(shown).not.toHaveProperty('commit')
  })

  test('of a job end with it', async () => {
    const opened = await withOne()
    opened.jobs.end(opened.token)
    expect(await statuses(opened, { 'job-token': opened.token })).toEqual([401, 401, 401])
  })

  test.each([
    [[], [403, 403, 403]],
    [['READ_RELEASES'], [200, 200, 403]],
    [['ADMIN_RELEASES'], [200, 200, 201]],
    [['ADMIN_PACKAGES'], [403, 403, 403]],
  ] as const)('of another project’s job are its fine-grained permissions: %s', async (permissions, expected) => {
    const own = { id: 8, path: 'acme/builder', members: { ada: 'developer' } } as const
    const opened = await withOne({ projects: [{ ...project, jobTokens: { 'acme/builder': permissions } }, own] })
    expect(await statuses(opened, { 'job-token': opened.jobs.start({ ...job, project: own }) })).toEqual(expected)
  })

  test('include the right to create the tag, where it is protected, though it is there', async () => {
    const { post } = await withOne({ projects: [{ ...project, protectedTags: { 'v*': 'maintainer', 'v9*': 'nobody' } }] })
    const refused = [403, { message: 'You are not allowed to create this tag as it is protected.' }]
    expect(await saying(await post({ tag_name: 'v1' }))).toEqual(refused)
    expect((await post({ tag_name: 'v1' }, { 'private-token': tokens.grace })).status).toBe(201)
    // Two rules add up: the one that lets more in decides.
    expect((await post({ tag_name: 'v9', ref: 'main' }, { 'private-token': tokens.grace })).status).toBe(201)
    expect((await post({ tag_name: 'x1', ref: 'main' })).status).toBe(201)
  })
})

describe('an older version', () => {
  test('ignores a parameter that it does not know, in bodies too', async () => {
    const { releases, post } = await releasing({}, { unknown: { parameters: ['direct_asset_path'] } })
    await post({ tag_name: 'v1', assets: { links: [{ name: 'a', url, direct_asset_path: '/a' }] } })
    expect(releases.all[0]?.links[0]).not.toHaveProperty('directAssetPath', '/a')
  })
})
