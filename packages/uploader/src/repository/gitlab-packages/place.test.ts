import type { Coordinates } from '@stagegate/schema'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { placeOf } from './place.js'

const file = (path: string): Coordinates => ({ format: 'file', path })
const deb = (more: { readonly [part: string]: string }): Coordinates => ({
  ...{ format: 'deb', distribution: 'ubuntu/jammy', architecture: 'amd64', name: 'acme', version: '1.2.3', file: 'acme_1.2.3_amd64.deb' },
  ...more,
})

test.each([
  [file('acme/1.2.3/acme-linux.tar.gz'), 'acme', '1.2.3', 'acme-linux.tar.gz'],
  [file('acme/1.2.3/linux/amd64/acme'), 'acme', '1.2.3', 'linux+x2f+amd64+x2f+acme'],
  [file('acme/install.sh'), 'acme', '-', 'install.sh'],
  [file('install.sh'), '-', '-', 'install.sh'],
  [file('-/-/install.sh'), '+x2d+', '+x2d+', 'install.sh'],
  [file('acme/1..2/a%3ab@c=d^e'), 'acme', '1.+x2e+2', 'a+x25+3ab+x40+c+x3d+d+x5e+e'],
  [file('stagegate-seals.acme/1.2.3/x'), '+x73+tagegate-seals.acme', '1.2.3', 'x'],
  [deb({}), 'acme_ubuntu_jammy', '1.2.3', 'acme_1.2.3_amd64.deb'],
  [
    deb({ version: '1:1.2.3~rc1+git', file: 'acme_1.2.3~rc1+git_amd64.deb' }),
    'acme_ubuntu_jammy',
    '1+x3a+1.2.3+x7e+rc1+git',
    'acme_1.2.3+x7e+rc1+git_amd64.deb',
  ],
  [deb({ name: 'libacme++', distribution: 'el_x/9' }), 'libacme++_el+x5f+x_9', '1.2.3', 'acme_1.2.3_amd64.deb'],
])('%j is where GitLab takes it', (at, name, version, stored) => {
  expect(placeOf(at)).toEqual({ name, version, file: stored })
})

test('an image has no place there', () => {
  expect(() => placeOf({ format: 'image', image: 'acme', tag: '1' })).toThrow('not images')
})

const part = fc.stringMatching(/^[A-Za-z0-9._+~^@=-]{1,12}$/).filter((text) => !/^\.{1,2}$/.test(text))
const tricky = fc
  .constantFrom('-', '+x2f+', '+x2d+', 'x2f', '_', '..', 'a..b', 'stagegate-x', '+x73+tagegate-x')
  .filter((text) => text !== '..')
const path = fc.array(fc.oneof(part, tricky), { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/'))

test('whatever the path, the place obeys the rules of every GitLab, and says which path it was', () => {
  fc.assert(
    fc.property(path, (one) => {
      const place = placeOf(file(one))
      // lib/gitlab/regex/packages.rb, in the form that all versions share.
      expect(place.name).toMatch(/^[A-Za-z0-9._+-]+$/)
      expect(place.version).toMatch(/^(?!.*\.\.)[\w+.-]+$/)
      expect(place.file).toMatch(/^[A-Za-z0-9._+-]+$/)
      const decoded = [place.name, place.version, place.file].map((text) => (text === '-' ? [] : [read(text)]))
      expect([...decoded.slice(0, 2).flat(), read(place.file)].join('/')).toBe(one)
    }),
  )
})

test('different packages of a distribution, or of two, have different places', () => {
  const name = fc.stringMatching(/^[a-z_][a-z_+.-]{0,6}$/)
  const distribution = fc
    .tuple(fc.stringMatching(/^[a-z][a-z_]{0,4}$/), fc.stringMatching(/^[a-z0-9][a-z_.]{0,4}$/))
    .map((parts) => parts.join('/'))
  const some = fc.record({ name, distribution, version: fc.stringMatching(/^[0-9][0-9.~+:x]{0,6}$/) })
  fc.assert(
    fc.property(some, some, (one, other) => {
      const same = JSON.stringify(one) === JSON.stringify(other)
      expect(JSON.stringify(placeOf(deb(one))) === JSON.stringify(placeOf(deb(other)))).toBe(same)
    }),
  )
})

function read(text: string): string {
  return text.replaceAll(/\+x([0-9a-f]{2})\+/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
}
