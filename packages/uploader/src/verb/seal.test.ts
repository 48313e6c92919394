import {
  digestOf,
  documentText,
  later,
  type Origin,
  type PlannedDestination,
  type PlannedTarget,
  parseReleaseManifest,
  type ReleasePlan,
  type StagingRecord,
} from '@stagegate/schema'
import { describe, expect, test } from 'vitest'
import { contentOf, itemOf, originOf, plannedTarget, planOf, recordOf, stable, virtualClock } from '../testing/fixtures.js'
import { seal } from './seal.js'
import type { SealOptions } from './sealing.js'

const plan = planOf()
const now = virtualClock().now()

const both = [recordOf('ubuntu/jammy'), recordOf('debian/bookworm')]

function sealed(records: readonly StagingRecord[], overrides: Partial<SealOptions> = {}, of: ReleasePlan = plan) {
  return seal(of, records, { origin: originOf(of), now, ...overrides })
}

/** A plan and the records of targets whose destinations are these. */
function withDestinations(destinations: Readonly<Record<string, PlannedDestination[]>>): [StagingRecord[], ReleasePlan] {
  const targets = Object.entries(destinations).map(([id, to]): PlannedTarget => {
    return plannedTarget(id, { routes: { release: { staging: 'staging', public: to } } })
  })
  const of = planOf(targets)
  return [targets.map(({ id }) => recordOf(id, {}, of)), of]
}

describe('a manifest', () => {
  test('accounts for every target of the kind, and says where each artifact is to go', () => {
    const manifest = sealed(both)
    expect(manifest).toMatchObject({ release: 'acme', version: '1.2.3', origin: originOf(plan), sealedAt: now })
    expect(manifest.targets.map(({ target, destinations }) => [target, destinations])).toEqual([
      ['ubuntu/jammy', [stable]],
      ['debian/bookworm', [stable]],
    ])
    expect(manifest.targets[0]).toMatchObject({ artifacts: both[0]?.artifacts, record: digestOf(both[0]) })
    expect(manifest.absent).toEqual([{ target: 'ubuntu/noble', because: 'optional-not-staged' }])
    expect(parseReleaseManifest(documentText(manifest), 'the manifest')).toEqual(manifest)
  })

  test('is the same whatever the order of the records', () => {
    expect(digestOf(sealed([...both].reverse()))).toBe(digestOf(sealed(both)))
  })

  test('has an optional target that was staged', () => {
    expect(sealed([...both, recordOf('ubuntu/noble')])).toMatchObject({ absent: [], targets: { length: 3 } })
  })

  test('holds as long as the plan says, and never longer than what was staged', () => {
    expect(sealed(both).expiresAt).toBe(later(now, 14 * 86_400))
    const soon = later(now, 3600)
    expect(sealed([recordOf('ubuntu/jammy', { expiresAt: soon }), recordOf('debian/bookworm')]).expiresAt).toBe(soon)
  })

  test('has the digest of the plan itself, whatever the caller says', () => {
    const origin = originOf(plan, { plan: contentOf(Buffer.from('another')).sha256 })
    expect(sealed(both, { origin }).origin.plan).toBe(digestOf(plan))
  })
})

describe('a record is refused that is', () => {
  const foreign: [string, Partial<Origin>, string][] = [
    ['of another instance', { instance: 'https://gitlab.other' }, 'the instance https://gitlab.other'],
    ['of another project', { project: { id: 8, path: 'other/acme' } }, 'project other/acme'],
    ['of another pipeline', { pipeline: 99 }, 'pipeline 99, but this is pipeline 100'],
    ['of another commit', { commit: 'b'.repeat(40) }, `commit ${'b'.repeat(40)}`],
    ['of another tag', { ref: { tag: 'v1.2.4' } }, 'the tag v1.2.4, but this is the tag v1.2.3'],
    ['of a branch of the tag’s name', { ref: { branch: 'v1.2.3' } }, 'the branch v1.2.3'],
    ['of another kind', { pipelineKind: 'branch' }, 'kind branch'],
    ['of another plan', { plan: contentOf(Buffer.from('another')).sha256 }, 'the plan'],
    ['of a rehearsal', { rehearsal: true }, 'rehearsal'],
  ]
  test.each(foreign)('%s', (_what, origin, said) => {
    const record = recordOf('ubuntu/jammy', { origin: originOf(plan, origin) })
    expect(() => sealed([record, recordOf('debian/bookworm')])).toThrow(
      expect.objectContaining({ name: 'GateError', code: 'gate/record', message: expect.stringContaining(said) }),
    )
  })

  const other: [string, StagingRecord, string, string][] = [
    ['of another release', recordOf('ubuntu/jammy', { release: 'other' }), 'gate/record', 'release other'],
    ['of a target that the plan lacks', recordOf('el/9'), 'gate/record', 'the plan has no such target'],
    ['past its expiry', recordOf('ubuntu/jammy', { expiresAt: now }), 'gate/expired', 'it expired at'],
    [
      'of another staging repository',
      recordOf('ubuntu/jammy', { artifacts: [{ ...itemOf(Buffer.from('x')), repository: 'stable', location: 'x' }] }),
      'gate/record',
      'acme_1.2.3_amd64.deb is in stable, but the plan stages it in staging',
    ],
    ['the second one of its target', recordOf('debian/bookworm'), 'gate/record', 'two staging records for debian/bookworm'],
  ]
  test.each(other)('%s', (_what, record, code, said) => {
    expect(() => sealed([record, recordOf('debian/bookworm')])).toThrow(
      expect.objectContaining({ name: 'GateError', code, message: expect.stringContaining(said), next: expect.any(String) }),
    )
  })

  test('of a target that this kind does not stage', () => {
    const of = planOf([plannedTarget('ubuntu/jammy'), plannedTarget('el/9', { routes: { branch: { public: [] } } })])
    expect(() => sealed([recordOf('ubuntu/jammy', {}, of), recordOf('el/9', {}, of)], {}, of)).toThrow(
      expect.objectContaining({ code: 'gate/record', message: expect.stringContaining('does not stage it in the kind release') }),
    )
  })
})

describe('nothing is sealed', () => {
  test('while a required target is missing; its stage job is named', () => {
    expect(() => sealed([recordOf('ubuntu/jammy')])).toThrow(
      expect.objectContaining({
        code: 'gate/not-staged',
        what: 'not staged: debian/bookworm',
        next: expect.stringContaining('stage: [debian/bookworm]'),
      }),
    )
  })

  test('where there is nothing, even if all of it is optional', () => {
    const of = planOf([plannedTarget('ubuntu/noble', { optional: true })])
    expect(() => sealed([], {}, of)).toThrow(expect.objectContaining({ name: 'GateError', code: 'gate/nothing' }))
  })

  test('where the kind stages no target', () => {
    const of = planOf([plannedTarget('ubuntu/jammy', { routes: { branch: { public: [] } } })])
    expect(() => sealed([], {}, of)).toThrow(
      expect.objectContaining({ code: 'gate/nothing', message: expect.stringContaining('no target is staged in the kind release') }),
    )
  })

  test('where two targets have the same package for one place', () => {
    const ol: PlannedDestination = { ...stable, distribution: 'ol/9' }
    const [records, of] = withDestinations({ 'el/9': [stable, ol], 'ol/9': [stable] })
    expect(() => sealed(records, {}, of)).toThrow(
      expect.objectContaining({
        name: 'GateError',
        code: 'gate/collision',
        what: 'el/9 and ol/9 both have acme_1.2.3_amd64.deb for ol/9 in stable',
      }),
    )
  })

  test('but the same package for other places is fine', () => {
    const ol: PlannedDestination = { ...stable, distribution: 'ol/9' }
    const [records, of] = withDestinations({ 'el/9': [stable, ol], 'ubuntu/jammy': [stable] })
    expect(sealed(records, {}, of).targets).toHaveLength(2)
  })

  test.each<[string, Partial<SealOptions>, object]>([
    ['in a kind that the plan lacks', { origin: originOf(plan, { pipelineKind: 'nightly' }) }, { name: 'UsageError', code: 'usage/kind' }],
    ['in a kind without a version', { origin: originOf(plan, { pipelineKind: 'branch' }) }, { name: 'UsageError', code: 'usage/version' }],
    ['for a tag that is not of the kind', { origin: originOf(plan, { ref: { tag: 'x' } }) }, { name: 'GateError', code: 'gate/ref' }],
    ['of a release that the plan lacks', { release: 'other' }, { name: 'UsageError', code: 'usage/release' }],
  ])('%s', (_what, overrides, expected) => {
    expect(() => sealed(both, overrides)).toThrow(expect.objectContaining(expected))
  })
})
