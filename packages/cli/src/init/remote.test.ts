import { expect, test } from 'vitest'
import { projectIn } from './remote.js'

test.each([
  ['git@gitlab.com:acme/hello.git', { path: 'acme/hello' }],
  ['https://gitlab.com/acme/tools/hello.git', { path: 'acme/tools/hello' }],
  ['https://ada:secret@gitlab.com/acme/hello', { path: 'acme/hello' }],
  ['ssh://git@git.acme.example:2222/acme/hello.git', { path: 'acme/hello', url: 'https://git.acme.example' }],
  ['git@git.acme.example:acme/hello/', { path: 'acme/hello', url: 'https://git.acme.example' }],
])('the remote %s is a project', (remote, project) => {
  expect(projectIn(remote)).toEqual(project)
})

test.each([
  'git@github.com:acme/hello.git',
  'https://bitbucket.org/acme/hello',
  '/srv/git/hello.git',
  '../hello',
  'file:///srv/git/acme/hello.git',
  'host:hello',
  'git@gitlab.com:hello.git',
  'https://gitlab.com/acme/../hello',
  "https://gitlab.com/acme/hello'quoted",
  '',
])('the remote %j is none that init would use', (remote) => {
  expect(projectIn(remote)).toBeUndefined()
})
