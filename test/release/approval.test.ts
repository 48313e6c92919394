import { existsSync, readFileSync } from 'node:fs'
import { parseReceipt } from '@stagegate/schema'
import { expect, test } from 'vitest'
import { packagesIn } from './files.js'
import { World } from './world.js'

test('a release with one approval and an optional target, job by job', { timeout: 300_000 }, async () => {
  const world = await World.built({
    pipeline: [
      ['hold: Duration.days(14),', "hold: Duration.days(14),\n  approval: 'once',"],
      ["  packages: 'dist/*.deb',\n})", "  packages: 'dist/*.deb',\n  optional: true,\n})"],
    ],
  })
  const stage = (target: string) => world.succeed(['stage', '--target', target, world.built(target)])
  const published = () => Object.keys(packagesIn(world.path('repositories/stable')))
  const receipt = (name: string) =>
    parseReceipt(readFileSync(world.path('.stagegate/receipts', `${encodeURIComponent(name)}.json`), 'utf8'), name)

  await stage('ubuntu/jammy')
  await stage('debian/bookworm')
  await world.succeed(['seal'])
  const early = await world.run(['publish', '--target', 'ubuntu/jammy'])
  expect(early).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('nobody approved this release') })
  expect(published()).toEqual([])

  // The optional target comes late, and changes nothing of what is approved.
  await stage('any/any')
  await world.succeed(['seal', '--target', 'any/any'])
  await world.succeed(['approve'])
  await world.succeed(['publish', '--target', 'ubuntu/jammy'])
  await world.succeed(['publish', '--target', 'debian/bookworm'])
  expect(published()).toHaveLength(2)
  expect(receipt('ubuntu/jammy').approval).toMatchObject({ by: expect.any(String) })

  await world.succeed(['publish', '--target', 'any/any'])
  expect(published()).toHaveLength(3)
  expect(receipt('any/any')).not.toHaveProperty('approval')
  await world.succeed(['verify', '--target', 'any/any', '--deadline', '0'])
})

test('a release without one approval refuses to be approved', { timeout: 300_000 }, async () => {
  const world = await World.sealed()
  const result = await world.run(['approve'])
  expect(result).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('nothing in it waits for an approval') })
  expect(existsSync(world.path('.stagegate/approval.json'))).toBe(false)
})
