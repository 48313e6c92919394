import { describe, expect, onTestFinished, test } from 'vitest'
import { exitCodeOf } from '../../exit-code.js'
import { createHttpClient } from '../../http/create-client.js'
import { tls } from '../../testing/authority.js'
import { bytesOf, planOf, soon, virtualClock } from '../../testing/fixtures.js'
import { mortalClient } from '../../testing/image/mortal-client.js'
import { publishImage } from '../../testing/image/publish-image.js'
import { type StoredRelease, storeImage, wrongIn } from '../../testing/image/stored-image.js'
import { type GitlabRegistryOptions, type RegistryProject, startGitlabRegistry } from '../../testing/registry/index.js'
import { createEnvironment } from '../environment.js'
import { openRepositories } from '../open.js'
import { Registry } from './registry.js'

/** A registry of a project of GitLab, to which its jobs publish from another project of it. */
const hello: RegistryProject = {
  path: 'acme/hello',
  isPublic: true,
  members: { ada: 'developer', bob: 'reporter', eve: 'maintainer' },
  deployTokens: { 'release:w': 'write', 'reader:r': 'read' },
}
const builds: RegistryProject = { path: 'acme/builds', members: { ada: 'maintainer', eve: 'maintainer' } }

async function world(more: Partial<RegistryProject> = {}, options: Partial<GitlabRegistryOptions> = {}) {
  const clock = virtualClock()
  const projects = [{ ...hello, ...more }, builds]
  const server = await startGitlabRegistry({ tls, projects, now: () => Date.parse(clock.now()), ...options })
  onTestFinished(async () => {
    await server.close()
    expect([...server.registry.violations, ...server.gitlab.violations]).toEqual([])
  })
  const { gitlab, registry, tokens } = server
  const at = (prefix: string, account: string | undefined, fate?: Parameters<typeof mortalClient>[1]) => {
    const [username = '', password = ''] = account?.split(':') ?? []
    const credential = { scheme: 'registry', realms: [gitlab.url] } as const
    const open = (more: object) => createHttpClient({ origin: registry.url, clock, credential: { ...credential, ...more } })
    const client = account === undefined ? open({}) : open({ account: { username, password: { value: password } } })
    return new Registry({ prefix, client: fate === undefined ? client : mortalClient(client, fate), visitors: open({}), clock })
  }
  const job = (project = 'acme/hello', user = 'ada') => `gitlab-ci-token:${tokens.startJob({ project, user })}`
  const staged = registry.image('acme/builds/app')
  const there = registry.image('acme/hello/app')
  const [older, newer] = [1, 2].map((seed) => storeImage(staged, seed, 5000, { signed: false, shape: 'of two platforms' }))
  if (older === undefined || newer === undefined) throw new Error('Expected two images')
  const publish = (account = job(), version = '1.0.0', of: Pick<StoredRelease, 'content'> = older, moving: readonly string[] = []) =>
    publishImage({ source: at('acme/builds', job('acme/builds')), to: at('acme/hello', account), content: of.content, version, moving })
  const puts = (tag: string) =>
    registry.requests.filter(({ method, path }) => method === 'PUT' && path.endsWith(`/manifests/${tag}`)).length
  return { ...server, clock, at, job, publish, staged, there, older, newer, puts }
}
const digestOf = ({ content }: Pick<StoredRelease, 'content'>) => `sha256:${content.sha256}`

/** How registries of GitLab may answer a push of a tag that a rule refuses. */
const answers = [
  { status: 401, code: 'TAG_REFUSED' },
  { status: 401, code: 'UNAUTHORIZED' },
  { status: 403, code: 'DENIED' },
] as const

describe.each(answers)('where a refused tag is answered with $status $code', (refusedTag) => {
  const protectedTags = [{ matches: /^\d/, push: 'maintainer' }] as const

  test('a protected tag is failed, asked for once, with its rule and the way out; a maintainer’s job publishes it', async () => {
    const { publish, puts, there, job } = await world({ protectedTags }, { refusedTag })
    const outcome = await publish()
    expect(outcome).toMatchObject({ verdict: 'failed', problem: { code: 'repository/forbidden', side: 'destination' } })
    expect(exitCodeOf([outcome])).toBe(3)
    expect(outcome.problem?.message).toContain('tag "1.0.0" is protected')
    expect(outcome.problem?.message).toContain('Settings > Packages and registries > Container registry')
    expect(outcome.problem?.message).not.toContain('does not accept the account')
    expect([puts('1.0.0'), [...there.tags]]).toEqual([1, []])
    expect(await publish(job('acme/hello', 'eve'))).toMatchObject({ verdict: 'published' })
  })

  test('an immutable tag is not set again where it has the image, and is a conflict where it has another', async () => {
    const { publish, puts, newer } = await world({ immutableTags: [/^\d/] }, { refusedTag })
    expect(await publish()).toMatchObject({ verdict: 'published' })
    expect(await publish()).toMatchObject({ verdict: 'already-public' })
    expect(await publish(undefined, '1.0.0', newer)).toMatchObject({ verdict: 'conflict' })
    expect(puts('1.0.0')).toBe(1)
  })

  test.each([
    ['the same image', 'already-public'],
    ['another image', 'conflict'],
  ] as const)('an immutable tag that another job gives %s right before is %s', async (which, verdict) => {
    const { publish, registry, there, older, newer } = await world({ immutableTags: [/^\d/] }, { refusedTag })
    // Whatever is looked at before, the tag is there when it is pushed.
    const faster = which === 'the same image' ? older : newer
    const set = there.tags.has.bind(there.tags)
    there.tags.has = (tag) => {
      if (tag === '1.0.0') there.tags.set(tag, digestOf(faster))
      return set(tag)
    }
    for (const seed of [1, 2]) storeImage(there, seed, 5000, { signed: false, shape: 'of two platforms' })
    expect(await publish()).toMatchObject({ verdict })
    expect(there.tags.get('1.0.0')).toBe(digestOf(faster))
    expect(registry.requests.filter(({ method }) => method === 'DELETE')).toEqual([])
  })

  test('a moving tag that is immutable is failed for good, with the rule; the version is public', async () => {
    const { publish, there, newer, older, puts } = await world({ immutableTags: [/^latest$/] }, { refusedTag })
    expect(await publish(undefined, '1.0.0', older, ['latest'])).toMatchObject({ verdict: 'published' })
    const outcome = await publish(undefined, '2.0.0', newer, ['latest'])
    expect(outcome).toMatchObject({ verdict: 'failed', problem: { code: 'repository/forbidden' } })
    expect(exitCodeOf([outcome])).toBe(3)
    expect(outcome.problem?.message).toMatch(
      /^latest: .*tag "latest" is immutable\nAllow the registry to move the tag latest, or remove it/,
    )
    expect(outcome.problem?.message).toContain('Immutable container tags')
    expect([there.tags.get('2.0.0'), there.tags.get('latest'), puts('latest')]).toEqual([digestOf(newer), digestOf(older), 2])
  })
})

test('a refused tag that comes with a challenge is asked for again with other tokens, a few times, and failed', async () => {
  const refusedTag = { status: 401, code: 'DENIED', challenges: true }
  const { publish, puts, there } = await world({ protectedTags: [{ matches: /^\d/, push: 'maintainer' }] }, { refusedTag })
  const outcome = await publish()
  expect(outcome).toMatchObject({ verdict: 'failed', problem: { code: 'repository/forbidden' } })
  expect(puts('1.0.0')).toBeLessThan(6)
  expect([...there.tags]).toEqual([])
})

test('a protected container repository is failed with the words of GitLab, and nothing is sent', async () => {
  const protectedRepositories = [{ matches: /\/app$/, push: 'maintainer' }] as const
  const { publish, job } = await world({ protectedRepositories })
  const outcome = await publish()
  expect(outcome).toMatchObject({ verdict: 'failed', bytesSent: 0, problem: { code: 'repository/unauthorized' } })
  expect(outcome.problem?.message).toContain('Its answer: DENIED, Pushing to protected repository path forbidden')
  expect(outcome.problem?.message).toContain('If a rule protects this container repository')
  expect(await publish(job('acme/hello', 'eve'))).toMatchObject({ verdict: 'published' })
})

describe('a job', () => {
  test.each([
    ['of a reporter', 'acme/hello', 'bob', 'with the Developer role'],
    ['of another project, though it is on the allowlist', 'acme/builds', 'ada', 'give the address a deploy token of that project'],
  ])('%s may not push, and is told how it can', async (_, project, user, advice) => {
    const { publish, job } = await world({ jobTokenAllowlist: ['acme/builds'] })
    const outcome = await publish(job(project, user))
    expect(outcome).toMatchObject({ verdict: 'failed', bytesSent: 0, problem: { code: 'repository/forbidden' } })
    expect(outcome.problem?.message).toContain('does not allow this job to push to acme/hello/app')
    expect(outcome.problem?.message).toContain(advice)
    expect(exitCodeOf([outcome])).toBe(3)
  })

  test('may not push three names below its project', async () => {
    const { at, job, staged, older } = await world()
    const to = at('acme/hello/a/b', job())
    const outcome = await publishImage({ source: at('acme/builds', job('acme/builds')), to, content: older.content })
    expect(outcome).toMatchObject({ verdict: 'failed', problem: { code: 'repository/forbidden' } })
    expect(outcome.problem?.message).toContain("at most two names below its project's path")
    expect(wrongIn(staged)).toEqual([])
  })

  test('reads the images of another project once that has it on its allowlist', async () => {
    for (const jobTokenAllowlist of [[], ['acme/builds']]) {
      const { at, job, there, publish } = await world({ isPublic: false, jobTokenAllowlist })
      await publish()
      const observed = at('acme/hello', job('acme/builds')).observe({ format: 'image', image: 'app', tag: '1.0.0' }, soon())
      if (jobTokenAllowlist.length > 0) expect(await observed).toMatchObject({ saw: 'present' })
      else await expect(observed).rejects.toThrow('Settings > CI/CD > Job token permissions')
      expect(wrongIn(there)).toEqual([])
    }
  })

  test('that GitLab never knew is failed, with the option that names its GitLab', async () => {
    const { publish, gitlab } = await world()
    const outcome = await publish('gitlab-ci-token:of-no-job')
    expect(outcome).toMatchObject({ verdict: 'failed', problem: { code: 'repository/unauthorized' } })
    expect(outcome.problem?.message).toContain('gitlabRegistry(…, { gitlab })')
    expect(outcome.problem?.message).not.toContain('of-no-job')
    expect(gitlab.requests.length).toBeLessThan(30)
  })
})

describe('a deploy token', () => {
  test('that writes publishes to the registry of its project', async () => {
    const { publish, there } = await world()
    expect(await publish('release:w')).toMatchObject({ verdict: 'published' })
    expect(wrongIn(there)).toEqual([])
  })

  test('that reads learns which scope it lacks', async () => {
    const { publish } = await world()
    const outcome = await publish('reader:r')
    expect(outcome).toMatchObject({ verdict: 'failed', problem: { code: 'repository/forbidden' } })
    expect(outcome.problem?.message).toContain('write_registry')
  })
})

describe('users, who have no account', () => {
  const coordinates = { format: 'image', image: 'app', tag: '1.0.0' } as const

  test('are served the image of a public project', async () => {
    const { publish, at, there, older } = await world()
    await publish('release:w')
    const stream = await at('acme/hello', 'release:w').served(coordinates, soon())
    if (stream === undefined) throw new Error('Expected the image')
    expect((await bytesOf(stream)).length).toBe(older.content.size)
    expect(wrongIn(there)).toEqual([])
  })

  test('are served nothing of a private one, and the message says what to open', async () => {
    const { publish, at } = await world({ isPublic: false })
    expect(await publish('release:w')).toMatchObject({ verdict: 'published' })
    await expect(at('acme/hello', 'release:w').served(coordinates, soon())).rejects.toThrow('Make the image public')
  })
})

describe('tokens of the registry', () => {
  test('that expire in the middle of an upload are replaced, each time', async () => {
    const { publish, registry, tokens, there } = await world()
    const seen = new Set<string>()
    const take = registry.faults.take.bind(registry.faults)
    registry.faults.take = (method, path) => {
      if (method !== 'GET' && !seen.has(path)) tokens.expire()
      seen.add(path)
      return take(method, path)
    }
    expect(await publish()).toMatchObject({ verdict: 'published' })
    expect(wrongIn(there)).toEqual([])
  })

  test('that are good for five minutes are used for less', async () => {
    const { at, job, clock, publish } = await world()
    await publish()
    const repository = at('acme/hello', job())
    for (let minute = 0; minute < 20; minute++) {
      clock.advance(61_000)
      expect(await repository.resolve({ image: 'app', tag: '1.0.0' }, soon())).toBeDefined()
    }
  })
})

describe('a job that ends in the middle', () => {
  test('leaves the image incomplete, asks GitLab no more, and another job finishes it', async () => {
    const { publish, gitlab, registry, tokens, there, job } = await world()
    const account = job()
    const take = registry.faults.take.bind(registry.faults)
    registry.faults.take = (method, path) => {
      if (method === 'PUT' && path.includes('/acme/hello/app/manifests/')) {
        tokens.endJob(account.slice('gitlab-ci-token:'.length))
        tokens.expire()
      }
      return take(method, path)
    }
    const outcome = await publish(account)
    expect(outcome).toMatchObject({ verdict: 'undetermined', problem: { code: 'repository/job-over', side: 'destination' } })
    expect(exitCodeOf([outcome])).toBe(4)
    expect(outcome.problem?.message).toContain('Run the job again; it sends only what is missing.')
    expect([...there.tags]).toEqual([])
    const asked = gitlab.requests.length
    expect(asked).toBeLessThan(20)
    registry.faults.take = take
    expect(await publish()).toMatchObject({ verdict: 'published', image: { blobs: { moved: 0 } } })
    expect(wrongIn(there)).toEqual([])
  })

  test('finishes with the token that it has, where that is still good', async () => {
    const { at, job, tokens, older, publish } = await world()
    await publish()
    const account = job()
    const repository = at('acme/hello', account)
    const resolve = () => repository.resolve({ image: 'app', tag: '1.0.0' }, soon())
    expect(await resolve()).toBe(older.content.sha256)
    tokens.endJob(account.slice('gitlab-ci-token:'.length))
    expect(await resolve()).toBe(older.content.sha256)
    tokens.expire()
    await expect(resolve()).rejects.toMatchObject({ code: 'repository/job-over', final: false })
  })
})

describe('a publish job that is killed', () => {
  const moments = Array.from({ length: 17 }, (_, index) => [3 * index + 1, index % 2 === 0 ? 'before' : 'after'] as const)

  test.each(moments)(
    'at request %i, %s it is answered, leaves no tag that leads to nothing, and the next one finishes',
    async (number, when) => {
      const { at, job, staged, there, publish } = await world({ immutableTags: [/^\d/] })
      const { content } = storeImage(staged, 7, 5000, { signed: true, shape: 'attested' })
      const controller = new AbortController()
      const source = at('acme/builds', job('acme/builds'))
      const killed = await publishImage({
        source,
        to: at('acme/hello', job(), { death: { at: number, when }, controller }),
        content,
        signal: controller.signal,
      })
      expect(wrongIn(there)).toEqual([])
      expect(['undetermined', 'published']).toContain(killed.verdict)
      const next = await publish(undefined, '1.0.0', { content })
      expect(['published', 'already-public']).toContain(next.verdict)
      expect(there.tags.get('1.0.0')).toBe(digestOf({ content }))
      expect(wrongIn(there)).toEqual([])
      expect(await publish(undefined, '1.0.0', { content })).toMatchObject({ verdict: 'already-public', bytesSent: 0 })
    },
  )
})

describe('a multi-platform image', () => {
  test.each(['of two platforms', 'attested'] as const)('%s, with signatures under tags, arrives whole from and at it', async (shape) => {
    const { at, job, staged, there, registry } = await world()
    // A manifest about the image is known to nobody in a registry without a list: it is no part of what was built.
    const { content } = storeImage(staged, 7, 5000, { signed: true, shape })
    const source = at('acme/builds', job('acme/builds'))
    const outcome = await publishImage({ source, to: at('acme/hello', job()), content })
    expect(outcome).toMatchObject({ verdict: 'published' })
    expect(wrongIn(there)).toEqual([])
    expect([...there.tags.keys()].sort()).toEqual(['1.0.0', 'latest', `sha256-${content.sha256}.sig`])
    const onward = registry.image('acme/hello/copy/app')
    const again = await publishImage({ source: at('acme/hello', job()), to: at('acme/hello/copy', job()), content })
    expect(again).toMatchObject({ verdict: 'published', image: { blobs: { moved: 0 } } })
    expect([...onward.manifests.keys()].sort()).toEqual([...there.manifests.keys()].sort())
  })

  test('with an SBOM about it, which another registry lists, is refused where it could not be listed, with the way out', async () => {
    const { at, job, staged, older } = await world({}, { referrers: true })
    storeImage(staged, 1, 5000, { signed: true, shape: 'of two platforms' })
    const without = await world()
    const source = at('acme/builds', job('acme/builds'))
    const outcome = await publishImage({ source, to: without.at('acme/hello', without.job()), content: older.content })
    expect(outcome).toMatchObject({ verdict: 'failed', problem: { code: 'repository/no-referrers' } })
    expect([...without.there.tags]).toEqual([])
    // With a list, it arrives: the manifest about another comes after that one.
    const to = at('acme/hello', job())
    expect(await publishImage({ source, to, content: older.content })).toMatchObject({ verdict: 'published' })
  })
})

describe('while GitLab is in trouble', () => {
  const anything = { path: /\/jwt\/auth|\/v2\// }
  const faults = [
    { answer: 429, headers: { 'retry-after': '7' } },
    { answer: 502 },
    { answer: 503, headers: { 'retry-after': '5' } },
    { reset: 'before-body' },
    { commitThenReset: true },
    { commitThenAnswer: 500 },
  ] as const

  test.each(faults)('%j, at any request of either server, delays what is published and changes nothing of it', async (fault) => {
    const moments = [0, 1, 2, 3].map((after) => ['gitlab', after] as const)
    const others = [0, 5, 12, 20, 28, 36].map((after) => ['registry', after] as const)
    for (const [which, after] of [...moments, ...others]) {
      const made = await world()
      made[which].faults.add({ on: anything, after, times: 2, do: fault })
      expect(await made.publish(), `${which} after ${after}`).toMatchObject({ verdict: 'published' })
      expect(wrongIn(made.there)).toEqual([])
    }
  })

  test('for ever, the image stays incomplete, and the next run finishes it', async () => {
    const { gitlab, publish } = await world()
    gitlab.faults.add({ on: anything, after: 2, times: Number.POSITIVE_INFINITY, do: { answer: 503 } })
    const outcome = await publish()
    expect([outcome.verdict, exitCodeOf([outcome])]).toEqual(['undetermined', 4])
    gitlab.faults.clear()
    expect(await publish()).toMatchObject({ verdict: 'published' })
  })
})

describe('read as its users do', () => {
  const image = { format: 'image', image: 'app', tag: 'there' } as const

  /** As a plan opens it for verify: with the variable of every job's token, which the publish jobs have as well. */
  async function reading(more: Partial<RegistryProject>) {
    const { registry, gitlab, tokens, job, there, ...rest } = await world(more)
    const { content } = storeImage(there, 3, 500, { signed: false, shape: 'of two platforms' })
    there.tags.set('there', `sha256:${content.sha256}`)
    const [, token = ''] = job().split(':')
    const environment = createEnvironment({ variables: { CI_JOB_TOKEN: token }, clock: rest.clock })
    const settings = { prefix: 'acme/hello', account: 'password', username: 'gitlab-ci-token', realms: [gitlab.url] }
    const credentials = { read: ['CI_JOB_TOKEN'], write: ['CI_JOB_TOKEN'] }
    const images = { role: 'public', type: 'registry', origin: registry.url, settings, credentials } as const
    const [[, opened] = []] = openRepositories({ ...planOf(), repositories: { images } }, new Map([['images', 'users']]), environment)
    return { gitlab, tokens, token, served: () => opened?.served?.(image, soon()) }
  }
  const withAccount = (requests: readonly { readonly path: string; readonly headers: Readonly<Record<string, unknown>> }[]) =>
    requests.filter(({ path, headers }) => path.startsWith('/jwt/auth') && headers['authorization'] !== undefined)

  test('a public image is pulled without a token, though the job has one', async () => {
    const { served, gitlab } = await reading({ isPublic: true })
    expect(await served()).toBeDefined()
    expect(withAccount(gitlab.requests)).toEqual([])
  })

  test('a private one is pulled by the token of a member’s job, once visitors are refused', async () => {
    const { served, gitlab } = await reading({ isPublic: false })
    expect(await served()).toBeDefined()
    const [first] = gitlab.requests.filter(({ path }) => path.startsWith('/jwt/auth'))
    expect(first?.headers['authorization']).toBeUndefined()
    expect(withAccount(gitlab.requests).length).toBeGreaterThan(0)
    const visitors = () => gitlab.requests.length - withAccount(gitlab.requests).length
    const before = visitors()
    expect(await served()).toBeDefined()
    expect(visitors()).toBe(before)
  })

  test('a private one is refused to a job that is over', async () => {
    const { served, tokens, token } = await reading({ isPublic: false })
    tokens.endJob(token)
    await expect(served()).rejects.toThrow(/refused the account/)
  })
})
