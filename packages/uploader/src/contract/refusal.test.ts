import { readFile } from 'node:fs/promises'
import { StagegateError, UsageError } from '@stagegate/schema'
import { expect, test } from 'vitest'
import { HttpError } from '../http/http-error.js'
import { isFinal, RepositoryRefusal } from './refusal.js'

const http = (final: boolean) =>
  new HttpError({ code: final ? 'http/tls' : 'http/reset', what: 'no', method: 'GET', origin: 'https://a.example', path: '/', final })
const system = (code: string, more: object = {}) => Object.assign(new Error(code), { code, syscall: 'open', ...more })

test.each<[string, unknown, boolean]>([
  ['a wrong call', new UsageError({ code: 'usage/x', what: 'no' }), true],
  ['what a server refuses for good', new RepositoryRefusal({ code: 'repository/x', what: 'no' }), true],
  ['a certificate that is not trusted', http(true), true],
  ['a folder that may not be used', system('EACCES'), true],
  ['a file in place of a folder', system('ENOTDIR'), true],
  ['a file system that cannot be written', system('EROFS'), true],
  ['a connection that broke', http(false), false],
  ['trouble of ours', new StagegateError({ code: 'x/y', what: 'no' }), false],
  ['a full disk', system('ENOSPC'), false],
  ['a file that is not there', system('ENOENT'), false],
  ['a port that may not be used', system('EACCES', { address: '127.0.0.1' }), false],
  ['any other error', new Error('no'), false],
  ['what is no error', 'EACCES', false],
])('%s: whether asking again is of no use', (_what, error, final) => {
  expect(isFinal(error)).toBe(final)
})

test('the system’s own error for a folder read as a file is one', async () => {
  expect(await readFile('/').catch(isFinal)).toBe(true)
})
