import { expect, test } from 'vitest'
import { isOfRelease } from './release-version.js'

test.each<[release: string, format: 'deb' | 'rpm', version: string, is: boolean]>([
  ['1.5.0', 'deb', '1.5.0', true],
  ['1.5.0', 'deb', '1.5.0-1', true],
  ['1.5.0', 'deb', '1.5.0-1ubuntu2~22.04', true],
  ['1.5.0', 'deb', '2:1.5.0-1', true],
  ['v1.5.0', 'deb', '1.5.0-1', true],
  ['1.5.0', 'rpm', '1.5.0-1.el9', true],
  ['1.5.0', 'rpm', '1:1.5.0-1.el9', true],
  // Pre-releases.
  ['1.5.0-rc1', 'deb', '1.5.0~rc1-1', true],
  ['1.5.0-rc.1', 'deb', '1.5.0~rc1-1', true],
  ['1.5.0-rc1', 'deb', '1.5.0-rc1', true],
  ['1.5.0-rc1', 'rpm', '1.5.0~rc1-1.el9', true],
  ['1.5.0-rc1', 'rpm', '1.5.0_rc1-1', true],
  ['1.5.0-rc1', 'rpm', '1.5.0-0.1.rc1.el9', true],
  ['1.5.0-rc1', 'deb', '1.5.0-1', false],
  ['1.5.0', 'deb', '1.5.0-rc1', false],
  ['1.5.0', 'rpm', '1.5.0-0.1.beta2.el9', false],
  ['1.5.0', 'rpm', '1.5.0-0.1.el9', true],
  ['1.5.0', 'deb', '1.5.0~rc1-1', false],
  ['1.5.0-rc1', 'deb', '1.5.0~rc2-1', false],
  ['1.5.0-rc1', 'deb', '1.5.0~rc10-1', false],
  // Build metadata, also in the revision.
  ['16.2.0+ee.0', 'deb', '16.2.0+ee.0', true],
  ['16.2.0+ee.0', 'deb', '16.2.0-ee.0', true],
  ['16.2.0+ee.0', 'rpm', '16.2.0-ee.0.el9', true],
  ['16.2.0+rc42.ee.0', 'deb', '16.2.0-rc42.ee.0', true],
  ['16.2.0+ee.0', 'deb', '16.2.0-ce.0', false],
  ['16.2.0+ee.0', 'deb', '16.2.0-ee.00', true],
  ['16.2.0+ee.1', 'deb', '16.2.0-ee.10', false],
  ['1.5.0+build.5', 'deb', '1.5.0-1', false],
  ['1.5.0+20240601', 'deb', '1.5.0+20240601-1', true],
  // Another version.
  ['1.5.0', 'deb', '9.9.8', false],
  ['1.5.0', 'deb', '1.5-1', false],
  ['1.5', 'deb', '1.5.0-1', false],
  ['1.5.0', 'deb', '1.5.01-1', false],
  ['1.5.0', 'deb', '11.5.0-1', false],
  ['1.5.0', 'deb', '1.50-1', false],
  ['1.5.0.1', 'deb', '1.5.0-1', false],
  ['1.5.0-1', 'deb', '1.5.0-1', true],
  ['1.5.0', 'deb', '5:1-1.5.0', false],
  // No numbers at all.
  ['blue', 'deb', '0blue-1', false],
])('%s is the release of the %s %s: %j', (release, format, version, is) => {
  expect(isOfRelease({ format, version }, release)).toBe(is)
})
