import { digestOf, type ReleaseManifest, type ReleasePlan } from '@stagegate/schema'
import { describe, expect, test } from 'vitest'
import { originOf, planOf, recordOf, stable, virtualClock } from '../testing/fixtures.js'
import { seal } from '../verb/seal.js'
import { sealSupplement } from '../verb/seal-supplement.js'
import { expectPlan } from './expect-plan.js'

const plan = planOf()
const now = virtualClock().now()
const origin = originOf(plan)
const records = ['ubuntu/jammy', 'debian/bookworm'].map((target) => recordOf(target))
const manifest = seal(plan, records, { origin, now })
const supplement = sealSupplement(plan, manifest, [recordOf('ubuntu/noble')], { origin, now, target: 'ubuntu/noble' })
const [jammy, bookworm] = manifest.targets

function part<T>(found: T | undefined): T {
  if (found === undefined) throw new Error('Expected a target')
  return found
}

test('every manifest that seal makes from the plan passes: with an optional target, without it, or as a supplement', () => {
  expect(() => expectPlan(manifest, plan)).not.toThrow()
  expect(() => expectPlan(seal(plan, [...records, recordOf('ubuntu/noble')], { origin, now }), plan)).not.toThrow()
  expect(() => expectPlan(supplement, plan)).not.toThrow()
})

describe('a manifest is refused', () => {
  const changed = (change: Partial<ReleaseManifest>): ReleaseManifest => ({ ...manifest, ...change })
  const first = part(jammy)
  const second = part(bookworm)
  const artifact = part(first.artifacts[0])

  test.each<[string, ReleaseManifest, string]>([
    ['without a required target', changed({ targets: [first] }), 'it lacks debian/bookworm'],
    [
      'that says a required target is absent',
      changed({ targets: [first], absent: [{ target: 'debian/bookworm', because: 'optional-not-staged' }] }),
      'it lacks debian/bookworm',
    ],
    ['with a target that the plan lacks', changed({ targets: [first, second, { ...first, target: 'el/9' }] }), 'does not stage el/9'],
    ['with a target twice', changed({ targets: [first, second, first] }), 'it has ubuntu/jammy twice'],
    ['with a destination less', changed({ targets: [{ ...first, destinations: [] }, second] }), 'sends ubuntu/jammy to nowhere'],
    [
      'with another destination',
      changed({ targets: [{ ...first, destinations: [{ ...stable, repository: 'staging' }] }, second] }),
      'sends ubuntu/jammy to staging, but the plan sends it to stable',
    ],
    [
      'whose destination is merely advisory',
      changed({ targets: [{ ...first, destinations: [{ ...stable, advisory: true }] }, second] }),
      'with other settings',
    ],
    [
      'that takes an artifact from elsewhere',
      changed({ targets: [{ ...first, artifacts: [{ ...artifact, repository: 'stable' }] }, second] }),
      'takes ubuntu/jammy from stable, but the plan stages it in staging',
    ],
    ['that gives a package tags', changed({ targets: [{ ...first, tags: [{ tag: 'latest', moves: false }] }, second] }), 'different tags'],
    ['of another release', changed({ release: 'other' }), 'the plan has no such release'],
    ['of a kind that the plan lacks', changed({ origin: { ...origin, pipelineKind: 'nightly' } }), 'the plan has no kind nightly'],
    ['of a kind in which nothing is staged', changed({ origin: { ...origin, pipelineKind: 'branch' } }), 'in the kind branch'],
    ['of another version than its tag’s', changed({ version: '1.2.4' }), 'its tag stands for the version 1.2.3'],
    ['that adds a required target', { ...supplement, targets: [first] }, 'only a single optional target can be added'],
    ['that adds two targets', { ...supplement, targets: [...supplement.targets, first] }, 'only a single optional target can be added'],
  ])('%s', (_what, wrong, said) => {
    expect(() => expectPlan(wrong, plan)).toThrow(
      expect.objectContaining({ name: 'GateError', code: 'gate/plan', message: expect.stringContaining(said) }),
    )
  })

  test('for a tag that is none of its kind', () => {
    const wrong = changed({ origin: { ...origin, ref: { tag: 'latest' } } })
    expect(() => expectPlan(wrong, plan)).toThrow(expect.objectContaining({ name: 'GateError', code: 'gate/ref' }))
  })

  test('by a plan that requires more since', () => {
    const [release] = plan.releases
    const more: ReleasePlan = {
      ...plan,
      releases: [{ ...part(release), targets: part(release).targets.map((target) => ({ ...target, optional: false })) }],
    }
    expect(digestOf(more)).not.toBe(digestOf(plan))
    expect(() => expectPlan(manifest, more)).toThrow('it lacks ubuntu/noble')
  })
})
