import type { Origin, PlannedKind } from '@stagegate/schema'
import { describe, expect, test } from 'vitest'
import { versionOf } from './version.js'

const when: PlannedKind['when'] = { unknown: 'not asked here' }
const tagged: PlannedKind = { when, version: { tag: '^v(?<version>\\d+\\.\\d+\\.\\d+)$' }, publishes: true }
const set: PlannedKind = { when, version: { variable: 'VERSION' }, publishes: true }
const tag = (name: string): Origin['ref'] => ({ tag: name })
const branch: Origin['ref'] = { branch: 'main' }

describe('a release has its version', () => {
  test('from its tag', () => expect(versionOf('release', tagged, tag('v1.2.3'), {})).toBe('1.2.3'))
  test('from a variable', () => expect(versionOf('nightly', set, branch, { VERSION: '1.2.3-4' })).toBe('1.2.3-4'))
  test('from the tag and never from a variable, where the kind is for tags', () =>
    expect(versionOf('release', tagged, tag('v1.2.3'), { VERSION: '9' })).toBe('1.2.3'))
})

describe('there is no version', () => {
  test.each<[string, PlannedKind, Origin['ref'], Record<string, string>, string, string]>([
    ['in a kind that gives none', { when, version: null, publishes: false }, branch, {}, 'UsageError', 'usage/version'],
    ['while its variable is not set', set, branch, {}, 'UsageError', 'usage/version'],
    ['while its variable is empty', set, branch, { VERSION: '' }, 'UsageError', 'usage/version'],
    ['in a variable that would begin another one', set, branch, { VERSION: '1\nSTAGEGATE_KIND=release' }, 'UsageError', 'usage/version'],
    ['in a variable that is far too long', set, branch, { VERSION: '1'.repeat(256) }, 'UsageError', 'usage/version'],
    ['where the expression has no group', { ...tagged, version: { tag: '^v' } }, tag('v1'), {}, 'UsageError', 'usage/version'],
    ['for a branch, where the kind is for tags', tagged, branch, {}, 'GateError', 'gate/ref'],
    ['for another tag', tagged, tag('v1.2'), {}, 'GateError', 'gate/ref'],
    ['where the group takes part in nothing', { ...tagged, version: { tag: '^v(\\d*)' } }, tag('v'), {}, 'GateError', 'gate/ref'],
  ])('%s', (_what, kind, ref, variables, name, code) => {
    expect(() => versionOf('a kind', kind, ref, variables)).toThrow(expect.objectContaining({ name, code, next: expect.any(String) }))
  })
})
