import { digestOf, type ReleasePlan, type StagingRecord } from '@stagegate/schema'
import { expect, test } from 'vitest'
import { expectRecorded, recordSeal } from '../gate/gate.js'
import { directoryRecords } from '../records/directory-records.js'
import { originOf, planOf, recordOf, temporaryFolder, virtualClock } from '../testing/fixtures.js'
import { approve } from './approve.js'
import { publish } from './publish.js'
import { seal } from './seal.js'
import { sealSupplement } from './seal-supplement.js'

const plan = planOf()
const now = virtualClock().now()
const origin = originOf(plan)
const required = ['ubuntu/jammy', 'debian/bookworm'].map((target) => recordOf(target))
const late = recordOf('ubuntu/noble')
const main = seal(plan, required, { origin, now })

const supplement = (records: readonly StagingRecord[] = [late], target = 'ubuntu/noble', of: ReleasePlan = plan) =>
  sealSupplement(of, main, records, { origin, now, target })

test('a late seal names the manifest that it adds to, and has its own target alone', () => {
  const made = supplement()
  expect(made.supplements).toBe(digestOf(main))
  expect(made.targets.map(({ target }) => target)).toEqual(['ubuntu/noble'])
  expect(made.version).toBe(main.version)
  expect(main.absent).toEqual([{ target: 'ubuntu/noble', because: 'optional-not-staged' }])
})

test('a late seal is refused for a target that is not optional, not staged, or sealed already', () => {
  expect(() => supplement([late], 'ubuntu/jammy')).toThrow(expect.objectContaining({ code: 'usage/target' }))
  expect(() => supplement([])).toThrow(expect.objectContaining({ code: 'gate/not-staged' }))
  const whole = seal(plan, [...required, late], { origin, now })
  expect(() => sealSupplement(plan, whole, [late], { origin, now, target: 'ubuntu/noble' })).toThrow(
    expect.objectContaining({ code: 'gate/sealed-before' }),
  )
})

test('a late seal is refused in another pipeline than that of its manifest', () => {
  const elsewhere = { ...origin, pipeline: 101 }
  const record = { ...late, origin: { ...late.origin, pipeline: 101 } }
  expect(() => sealSupplement(plan, main, [record], { origin: elsewhere, now, target: 'ubuntu/noble' })).toThrow(
    expect.objectContaining({ code: 'gate/manifest' }),
  )
})

test('a supplement is recorded beside its manifest, and only with it', async () => {
  const records = directoryRecords(await temporaryFolder())
  const made = supplement()
  await recordSeal(made, records)
  await expect(publish(made, { origin, records, clock: virtualClock(), repositories: new Map() })).rejects.toMatchObject({
    code: 'gate/altered',
  })
  await recordSeal(main, records)
  expect(await records.find('acme', main.version)).toEqual(main)
  expect(await records.find('acme', main.version, 'ubuntu/noble')).toEqual(made)
})

test('a manifest whose record is gone, or another one, is not added to', async () => {
  const records = directoryRecords(await temporaryFolder())
  await expect(expectRecorded(main, records)).rejects.toMatchObject({ name: 'GateError', code: 'gate/not-sealed' })
  await recordSeal(main, records)
  await expect(expectRecorded(main, records)).resolves.toBeUndefined()
  const other = { ...main, absent: [] }
  await expect(expectRecorded(other, records)).rejects.toMatchObject({ name: 'GateError', code: 'gate/altered' })
})

test('an approval is of one manifest in one pipeline', async () => {
  const approval = await approve(main, { origin, now, by: 'a-person' })
  expect(approval).toMatchObject({ by: 'a-person', manifest: digestOf(main), approvedAt: now })
  const other = seal(plan, [...required, late], { origin, now })
  await expect(publish(other, { origin, approval, clock: virtualClock(), repositories: new Map() })).rejects.toMatchObject({
    code: 'gate/approval',
  })
  const foreign = { ...approval, origin: { ...origin, pipeline: 101 } }
  await expect(publish(main, { origin, approval: foreign, clock: virtualClock(), repositories: new Map() })).rejects.toMatchObject({
    code: 'gate/approval',
  })
})
