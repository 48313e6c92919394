import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UsageError } from '@stagegate/schema'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Gnupg, type GnupgKey } from '../signing/testing/gnupg.js'
import { temporaryFolder } from '../testing/fixtures.js'
import { createEnvironment } from './environment.js'

describe('the keys that sign', () => {
  let gnupg: Gnupg
  let key: GnupgKey
  let locked: GnupgKey
  beforeAll(async () => {
    gnupg = await Gnupg.open()
    key = await gnupg.make('open', 'ed25519 sign 0')
    locked = await gnupg.make('locked', 'ed25519 sign 0', { passphrase: 'a phrase' })
  })
  afterAll(() => gnupg.close())

  const signer = (variables: Record<string, string>, passphrase?: string) => createEnvironment({ variables }).signer?.(['KEY'], passphrase)

  test('are in a variable, or in the file that a variable of the type File names', async () => {
    const file = join(await temporaryFolder(), 'KEY')
    await writeFile(file, `${key.secret}\n`)
    for (const value of [key.secret, file]) expect((await signer({ KEY: value })?.())?.fingerprints).toEqual([key.fingerprint])
  })

  test('are functions or values of a program', async () => {
    const secrets = { KEY: async () => key.secret, OTHER: { value: locked.secret }, PHRASE: { value: 'a phrase' } }
    const open = createEnvironment({ secrets, variables: {} }).signer?.(['KEY'])
    expect((await open?.())?.fingerprints).toEqual([key.fingerprint])
    const other = createEnvironment({ secrets, variables: {} }).signer?.(['OTHER'], 'PHRASE')
    expect((await other?.())?.fingerprints).toEqual([locked.fingerprint])
  })

  test.each([
    [{}, 'is not set'],
    [{ KEY: '' }, 'is empty'],
  ])('are missed before anything else is done: %j', (variables, words) => {
    expect(() => signer(variables)).toThrow(UsageError)
    expect(() => signer(variables)).toThrow(words)
  })

  test('need their passphrase, which may be in a file, too', async () => {
    const file = join(await temporaryFolder(), 'PHRASE')
    await writeFile(file, 'a phrase\n')
    expect(() => signer({ KEY: locked.secret }, 'PHRASE')).toThrow('PHRASE is not set')
    expect((await signer({ KEY: locked.secret, PHRASE: file }, 'PHRASE')?.())?.fingerprints).toEqual([locked.fingerprint])
    await expect(signer({ KEY: locked.secret, PHRASE: 'another' }, 'PHRASE')?.()).rejects.toThrow(UsageError)
    await expect(signer({ KEY: locked.secret })?.()).rejects.toThrow(UsageError)
  })

  test('are not shown by an error', async () => {
    const cut = key.secret.slice(0, 200)
    const error: unknown = await signer({ KEY: cut })?.().catch((one: unknown) => one)
    expect(error).toBeInstanceOf(UsageError)
    expect(String(error)).not.toContain(cut.split('\n')[3])
  })
})
