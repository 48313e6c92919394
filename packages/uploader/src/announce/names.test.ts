import type { Coordinates } from '@stagegate/schema'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { assetNames } from './names.js'

const file = (path: string): Coordinates => ({ format: 'file', path })
const deb = (distribution: string, own = 'hello.deb', name = 'hello'): Coordinates => {
  return { format: 'deb', distribution, architecture: 'amd64', name, version: '1.2.3', file: own }
}
const reserved = ['SHA256SUMS', 'release-manifest.json']

test.each<[string, Coordinates[], string[]]>([
  ['its own name where only one has it', [deb('ubuntu/jammy'), file('a/b/hello.txt')], ['hello.deb', 'hello.txt']],
  [
    'the distribution or the folder where several have it',
    [deb('ubuntu/jammy'), deb('ubuntu/noble'), file('a/hello.deb')],
    ['ubuntu/jammy/hello.deb', 'ubuntu/noble/hello.deb', 'a/hello.deb'],
  ],
  ['the folder where it has the name of one of ours', [file('hello/1.2.3/SHA256SUMS')], ['hello/1.2.3/SHA256SUMS']],
  ['a number where there is no folder', [file('SHA256SUMS')], ['2/SHA256SUMS']],
  [
    'a number where another one is called so as well',
    [deb('ubuntu/jammy'), deb('ubuntu/jammy', 'hello.deb', 'other'), file('ubuntu/jammy/hello.deb')],
    ['ubuntu/jammy/hello.deb', '2/ubuntu/jammy/hello.deb', '3/ubuntu/jammy/hello.deb'],
  ],
  ['characters that no path of an asset has', [deb('ubuntu/jammy', 'hello~rc1+git.deb')], ['hello~rc1+git.deb']],
])('a file is given %s', (_, files, names) => {
  expect(assetNames(files, reserved)).toEqual(names)
})

test('a supplement’s files have their distribution or folder, as those of the release are not known', () => {
  expect(assetNames([deb('ubuntu/jammy'), file('a/b.txt')], reserved, true)).toEqual(['ubuntu/jammy/hello.deb', 'a/b.txt'])
})

test('no two files have one name, none has a name of ours, and the names are the same every time', () => {
  const part = fc.constantFrom('a', 'b', '2', 'SHA256SUMS')
  const path = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => file(parts.join('/')))
  const owned = fc.tuple(part, part, part).map(([system, own, name]) => deb(`${system}/x`, own, name))
  fc.assert(
    fc.property(fc.array(fc.oneof(path, owned), { maxLength: 12 }), fc.boolean(), (files, isSupplement) => {
      const names = assetNames(files, reserved, isSupplement)
      expect(names).toHaveLength(files.length)
      expect(new Set([...names, ...reserved]).size).toBe(files.length + reserved.length)
      expect(assetNames(files, reserved, isSupplement)).toEqual(names)
    }),
  )
})
