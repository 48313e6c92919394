import { GateError, StagegateError, UsageError } from '@stagegate/schema'
import { expect, test } from 'vitest'
import { RepositoryRefusal } from './contract/refusal.js'
import { exitCodeOfError } from './exit-code.js'

const of = (code: string) => new StagegateError({ code, what: 'no' })
const system = (code: string) => Object.assign(new Error(code), { code, syscall: 'open' })

test.each<[string, unknown, number]>([
  ['a wrong call', new UsageError({ code: 'usage/target', what: 'no' }), 2],
  ['a document that is none', of('document/invalid'), 2],
  ['a package that is none', of('package/malformed'), 2],
  ['an app that throws', of('author/exception'), 2],
  ['a gate that is not met', new GateError({ code: 'gate/expired', what: 'no' }), 3],
  ['bytes that are gone', of('content/not-there'), 3],
  ['a conflict in staging', of('staging/conflict'), 3],
  ['what staging refuses', of('staging/refused'), 3],
  ['a repository that refuses', new RepositoryRefusal({ code: 'repository/unauthorized', what: 'no' }), 3],
  ['a broken layout', of('layout/broken'), 3],
  ['a key that cannot sign', of('signing/key-expired'), 2],
  ['a signature of an unknown key', of('signing/unknown-signer'), 3],
  ['what nobody has foreseen', new TypeError('x is not a function'), 3],
  ['what is no error', 'text', 3],
  ['what is not all in staging', of('staging/incomplete'), 4],
  ['a server in trouble', of('repository/retry-later'), 4],
  ['a host that was given up', of('host/given-up'), 4],
  ['a GitLab in trouble', of('gitlab/unavailable'), 4],
  ['a layout that somebody else has locked', of('layout/locked'), 4],
  ['a job that was stopped', of('job/stopped'), 4],
  ['a job whose time is over', of('job/time-over'), 4],
  ['a receipt that could not be written', of('place/unwritten'), 4],
  ['a file that may not be read', system('EACCES'), 2],
  ['a folder in place of a file', system('EISDIR'), 2],
  ['a full disk', system('ENOSPC'), 4],
  ['an error of the system that has no words here', system('EWHATEVER'), 4],
])('%s', (_what, error, code) => {
  expect(exitCodeOfError(error)).toBe(code)
})
