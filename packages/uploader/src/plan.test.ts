import type { ReleasePlan } from '@stagegate/schema'
import { describe, expect, test } from 'vitest'
import { findRelease, findTarget } from './plan.js'
import { planOf } from './testing/fixtures.js'

const plan = planOf()
const [release] = plan.releases
const twice: ReleasePlan = { ...plan, releases: [...plan.releases, ...plan.releases.map((one) => ({ ...one, id: 'acme-fips' }))] }

describe('a target', () => {
  test('is found with its release', () => {
    expect(findTarget(plan, 'ubuntu/jammy')).toEqual({ release, target: release?.targets[0] })
  })
  test('that several releases have is found where the release is named', () => {
    expect(findTarget(twice, 'ubuntu/jammy', 'acme-fips').release.id).toBe('acme-fips')
    expect(() => findTarget(twice, 'ubuntu/jammy')).toThrow(expect.objectContaining({ name: 'UsageError', code: 'usage/target' }))
  })
  test.each([
    ['el/9', undefined],
    ['ubuntu/jammy', 'other'],
  ])('%s of %s is not known, and the known ones are named', (id, of) => {
    expect(() => findTarget(plan, id, of)).toThrow(
      expect.objectContaining({ code: 'usage/target', next: expect.stringContaining('debian/bookworm') }),
    )
  })
})

test.each([
  ['', 'the plan has no target ""'],
  ['a b', 'the plan has no target "a b"'],
  ['new\nline', 'the plan has no target "new\\nline"'],
  ["q'uote", "the plan has no target q'uote"],
])('the name %j stands in the message on one line', (id, what) => {
  expect(() => findTarget(plan, id)).toThrow(expect.objectContaining({ what }))
})

describe('a release', () => {
  test('is found without a name if there is only one', () => expect(findRelease(plan)).toBe(release))
  test('is found by its name', () => expect(findRelease(twice, 'acme-fips').id).toBe('acme-fips'))
  test('has to be named where there are several', () => {
    expect(() => findRelease(twice)).toThrow(expect.objectContaining({ code: 'usage/release', next: expect.stringContaining('acme-fips') }))
  })
  test('that the plan lacks is not known', () => {
    expect(() => findRelease(plan, 'other')).toThrow(expect.objectContaining({ name: 'UsageError', code: 'usage/release' }))
    expect(() => findRelease({ ...plan, releases: [] })).toThrow(expect.objectContaining({ code: 'usage/release' }))
  })
})
