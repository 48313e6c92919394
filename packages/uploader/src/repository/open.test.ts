import { join } from 'node:path'
import type { PlannedRepository, ReleasePlan } from '@stagegate/schema'
import { describe, expect, test } from 'vitest'
import { memoryRepository, planOf, soon, temporaryFolder, virtualClock } from '../testing/fixtures.js'
import { type Access, defineRepository, type Environment, type Opening } from './define.js'
import { createEnvironment } from './environment.js'
import { onlyPublic } from './only-public.js'
import { builtIn, openRepositories } from './open.js'

const environment: Environment = {
  clock: virtualClock(),
  directory: (path) => path,
  http: () => {
    throw new Error('Nothing here needs the network')
  },
}
const credentials = { read: ['READ_TOKEN', 'WRITE_TOKEN'], write: ['WRITE_TOKEN'] }
const planWith = (planned: Partial<PlannedRepository>): ReleasePlan => ({
  ...planOf(),
  repositories: { there: { role: 'public', type: 'webdav', origin: 'https://dav.example', settings: {}, credentials, ...planned } },
})

const opened: Opening<unknown>[] = []
const webdav = defineRepository<unknown>({
  type: 'webdav',
  formats: ['file'],
  parse(settings) {
    if (Object.keys(settings).length > 0) throw new Error('webdav takes no settings')
    return settings
  },
  open(opening) {
    opened.push(opening)
    return memoryRepository()
  },
})

test.each<[Access, string[]]>([
  ['write', ['WRITE_TOKEN']],
  ['read', ['READ_TOKEN', 'WRITE_TOKEN']],
  ['users', ['READ_TOKEN']],
])('a repository opened to %s is told the names of those credentials, and no others', (access, names) => {
  opened.length = 0
  openRepositories(planWith({}), new Map([['there', access]]), environment, [webdav])
  expect(opened).toEqual([expect.objectContaining({ origin: 'https://dav.example', role: 'public', credentials: names })])
})

test.each<[string, boolean | undefined, string[], string[]]>([
  ['keeps', true, ['CI_JOB_TOKEN', 'WRITE_TOKEN'], ['CI_JOB_TOKEN']],
  ['does not keep', false, ['CI_JOB_TOKEN'], []],
  ['does not keep', undefined, ['CI_JOB_TOKEN'], []],
])('users access %s the token that every job has where its kind says %s', (_, usersHaveJobToken, names, kept) => {
  opened.length = 0
  const kind = { ...webdav, ...(usersHaveJobToken !== undefined && { usersHaveJobToken }) }
  openRepositories(planWith({ credentials: { read: names, write: names } }), new Map([['there', 'users']]), environment, [kind])
  expect(opened).toEqual([expect.objectContaining({ credentials: kept })])
})

test('only what is wanted is opened', () => {
  const repositories = openRepositories(planOf(), new Map([['staging', 'read']]), environment)
  expect([...repositories.keys()]).toEqual(['staging'])
})

describe('a usage error is', () => {
  test.each<[string, ReleasePlan, object]>([
    ['a repository that the plan lacks', planOf(), { code: 'usage/repository' }],
    ['a type that nobody knows', planWith({ type: 'ftp' }), { code: 'usage/repository', next: expect.stringContaining('webdav') }],
    [
      'a setting that is not the type’s',
      planWith({ settings: { depth: 1 } }),
      { code: 'usage/settings', what: 'webdav takes no settings', where: 'the repository there of the type webdav' },
    ],
  ])('%s', (_what, plan, expected) => {
    expect(() => openRepositories(plan, new Map([['there', 'read']]), environment, [webdav])).toThrow(
      expect.objectContaining({ name: 'UsageError', ...expected }),
    )
  })
})

test('a type that cannot open its repository is a usage error that names it', () => {
  const broken = {
    ...webdav,
    open() {
      throw new Error('it has no region')
    },
  }
  expect(() => openRepositories(planWith({}), new Map([['there', 'read']]), environment, [broken])).toThrow(
    expect.objectContaining({
      name: 'UsageError',
      code: 'usage/repository',
      what: 'it cannot be opened: it has no region',
      where: 'the repository there of the type webdav',
    }),
  )
})

test('a public repository has what publishing needs, and nothing else', () => {
  const careless = { ...memoryRepository(), remove: () => undefined }
  expect(Object.keys(onlyPublic(careless)).sort()).toEqual(['create', 'host', 'observe', 'read'])
  const { read: _, ...writable } = memoryRepository()
  expect(Object.keys(onlyPublic(writable)).sort()).toEqual(['create', 'host', 'observe'])
})

test('a rehearsal opens directories below its folder only', async () => {
  const base = await temporaryFolder()
  const rehearsal = createEnvironment({ variables: {}, base, rehearsal: true })
  expect(rehearsal.directory('public')).toBe(join(base, 'public'))
  expect(() => rehearsal.directory('../public')).toThrow(expect.objectContaining({ code: 'usage/rehearsal' }))
})

describe('a kind that is written to alone', () => {
  const drop = defineRepository<string>({
    type: 'drop',
    formats: ['file'],
    parse: () => '',
    open() {
      const { observe, create } = memoryRepository()
      return { observe, create }
    },
  })
  const open = (role: 'staging' | 'public') =>
    openRepositories(planWith({ type: 'drop', role }), new Map([['there', 'write']]), environment, [...builtIn, drop])

  test('needs no read() to be public, beside the kinds that come along', async () => {
    const there = open('public').get('there')
    expect(there?.read).toBeUndefined()
    expect(await there?.observe({ format: 'file', path: 'acme.txt' }, soon())).toEqual({ saw: 'absent' })
  })

  test('is refused where artifacts wait for their release, before anything is sent', () => {
    expect(() => open('staging')).toThrow(
      expect.objectContaining({
        name: 'UsageError',
        code: 'usage/repository',
        what: 'it has no read(), so nothing staged there could be published',
        where: 'the repository there of the type drop',
        next: 'Stage in a readable repository, or add read() to the type drop. Nothing was sent.',
      }),
    )
  })
})
