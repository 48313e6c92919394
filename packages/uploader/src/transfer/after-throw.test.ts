import { expect, test } from 'vitest'
import { namedTrouble } from '../contract/disk-trouble.js'
import { afterThrow } from './after-throw.js'

const systemError = (code: string, syscall: string) => Object.assign(new Error(`${code}: ${syscall}`), { code, syscall })

test.each([
  ['a full disk', systemError('ENOSPC', 'write'), 'no-room'],
  ['a full disk, named by the store', namedTrouble(systemError('ENOSPC', 'write'), '/srv/acme.deb'), 'no-room'],
  ['a disk that cannot sync', systemError('EIO', 'fsync'), 'no-room'],
  ['a disk that cannot be read, which is the source’s', systemError('EIO', 'read'), 'ambiguous'],
  ['a lost connection', systemError('ECONNRESET', 'read'), 'ambiguous'],
  ['something that is no error', 'ENOSPC', 'ambiguous'],
] as const)('a write that ended with %s', (_, error, ending) => {
  expect(afterThrow(error)).toBe(ending)
})
