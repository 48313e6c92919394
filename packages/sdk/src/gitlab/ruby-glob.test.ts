import { expect, test } from 'vitest'
import { rubyGlob } from './ruby-glob.js'

// The answers of File.fnmatch?(glob, path, FNM_PATHNAME | FNM_DOTMATCH | FNM_EXTGLOB), from Ruby's documentation and its tests.
test.each([
  ['docs/a.md', 'docs/a.md', true],
  ['*', 'a', true],
  ['*', '.a', true],
  ['*', 'a/b', false],
  ['*.go', 'main.go', true],
  ['*.go', 'cmd/main.go', false],
  ['**/*.go', 'main.go', true],
  ['**/*.go', 'cmd/x/main.go', true],
  ['**/*.go', '.hidden/main.go', true],
  ['docs/**/*', 'docs/a', true],
  ['docs/**/*', 'docs/x/y/a', true],
  ['docs/**/*', 'docs', false],
  ['docs/**', 'docs/a', true],
  ['docs/**', 'docs/x/a', false],
  ['**', 'a', true],
  ['**', 'a/b', false],
  ['a/**/b', 'a/b', true],
  ['a/**/b', 'a/x/y/b', true],
  ['a/**b', 'a/xb', true],
  ['a/**b', 'a/x/b', false],
  ['**/**/a', 'x/y/a', true],
  ['?', 'a', true],
  ['?', '/', false],
  ['a?c', 'a/c', false],
  ['[a-c]', 'b', true],
  ['[!a-c]', 'b', false],
  ['[^a-c]', 'd', true],
  ['*.{js,ts}', 'a.ts', true],
  ['*.{js,ts}', 'a.tsx', false],
  ['{a,b/{c,d}}', 'b/d', true],
  ['{a,b/{c,d}}', 'b/a', false],
  ['a\\*', 'a*', true],
  ['a\\*', 'ab', false],
  ['a+b(c)', 'a+b(c)', true],
  ['a,b', 'a,b', true],
  ['', '', true],
] as const)('%j and %j: %s', (glob, path, fits) => {
  expect(rubyGlob(glob).test(path)).toBe(fits)
})
