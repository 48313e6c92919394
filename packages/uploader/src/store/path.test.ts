import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { expectFilesAlone, storePath } from './path.js'

describe('a path in a store', () => {
  test.each(['a', 'a/b', 'a/.stagegate', '.stagegate-x', 'a..b/.c', 'a+b~c@d=%2B/e f', 'größe/日本.txt', '...', 'x'.repeat(900)])(
    'can be %j',
    (text) => {
      expect(storePath(text)).toBe(text)
    },
  )

  test.each([
    '',
    '/',
    '/a',
    'a/',
    'a//b',
    '.',
    './a',
    'a/./b',
    '..',
    '../a',
    'a/..',
    'a/../b',
    'a\nb',
    'a\u0000',
    'a\\..\\b',
    '.stagegate',
    '.stagegate/moves/x',
    '\ud800',
    'x'.repeat(901),
    'ä'.repeat(451),
    undefined as never,
  ])('cannot be %j', (text) => {
    expect(() => storePath(text)).toThrow(expect.objectContaining({ code: 'store/path', final: true }))
  })

  test('stays the same path when a URL is made of it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 30 }), (text) => {
        let path: string
        try {
          path = storePath(text)
        } catch {
          return
        }
        const encoded = path.split('/').map(encodeURIComponent).join('/')
        expect(decodeURIComponent(new URL(`/${encoded}`, 'https://store.example').pathname)).toBe(`/${path}`)
      }),
    )
  })
})

test('no path of a set is a folder of another one', () => {
  expect(() => expectFilesAlone(['a/b', 'a/c', 'a-b', 'ab/c'].map(storePath))).not.toThrow()
  for (const paths of [
    ['a', 'a/b'],
    ['a/b/c/d', 'x', 'a/b'],
  ])
    expect(() => expectFilesAlone(paths.map(storePath))).toThrow('the folder of this one')
})
