import type { PlannedRepository } from '@stagegate/schema'
import { expect, test } from 'vitest'
import { createEnvironment } from '../repository/environment.js'
import { planOf } from '../testing/fixtures.js'
import { openReleasePage } from './page.js'

const planned: PlannedRepository = {
  role: 'public',
  type: 'gitlab-packages',
  origin: 'https://gitlab.example',
  settings: { project: 'acme/hello', base: '/code', token: 'private' },
  credentials: { read: ['DOWNLOADS_TOKEN'], write: ['DOWNLOADS_TOKEN'] },
}
const open = (parts: Partial<PlannedRepository>, name = 'downloads') =>
  openReleasePage(
    { ...planOf(), repositories: { downloads: { ...planned, ...parts } } },
    name,
    createEnvironment({ variables: { DOWNLOADS_TOKEN: 'glpat-1', CI_JOB_TOKEN: 'glcbt-1' } }),
  )

test('the page belongs to the project of the repository’s packages, with the token that the plan names', () => {
  const { api, project } = open({})
  expect([project, api.origin, api.variable]).toEqual(['acme/hello', 'https://gitlab.example', 'DOWNLOADS_TOKEN'])
  expect(api.where('/projects/acme%2Fhello/releases')).toBe('https://gitlab.example/code/api/v4/projects/acme%2Fhello/releases')
  const own = { settings: { project: 'acme/hello' }, credentials: { read: ['CI_JOB_TOKEN'], write: ['CI_JOB_TOKEN'] } }
  expect(open(own).api.variable).toBe('CI_JOB_TOKEN')
})

test.each<[string, Partial<PlannedRepository>, string, string]>([
  ['that the plan lacks', {}, 'mirror', 'the plan has no repository mirror'],
  ['with the name of something that every object has', {}, 'constructor', 'the plan has no repository constructor'],
  ['of another type', { type: 'directory', origin: '', settings: { path: 'public' } }, 'downloads', 'it has the type directory'],
  ['for staging', { role: 'staging' }, 'downloads', 'it is for staging'],
  ['without a token', { credentials: { read: [], write: [] } }, 'downloads', 'the plan names no token for it'],
])('a repository %s has none', (_, parts, name, what) => {
  expect(() => open(parts, name)).toThrow(
    expect.objectContaining({ name: 'UsageError', code: 'usage/repository', what: expect.stringContaining(what) }),
  )
})

test('settings that are not those of packages are refused', () => {
  expect(() => open({ settings: { project: 'hello' } })).toThrow(expect.objectContaining({ code: 'usage/settings' }))
})
