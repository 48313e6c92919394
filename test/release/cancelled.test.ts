import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseReceipt } from '@stagegate/schema'
import { startPackagecloud } from '@stagegate/uploader/testing'
import { expect, onTestFinished, test } from 'vitest'
import { tls } from '../authority.js'
import { capture } from '../tasks/rehearsal.mjs'
import { temporaryFolder } from './files.js'
import { packagecloudRepositories, targets, World } from './world.js'

const command = new URL('../../packages/cli/dist/stagegate.mjs', import.meta.url).pathname
const dieAt = new URL('die-at.mjs', import.meta.url).pathname

const receipt = '.stagegate/receipts/all.json'
const points = 30

/** Publishes everything, and is told to stop before that step of its I/O. */
async function publishUntil(world: World, step: number) {
  const file = join(temporaryFolder(), 'count')
  const result = await capture(process.execPath, ['--import', dieAt, command, 'publish'], {
    cwd: world.checkout,
    timeout: 30_000,
    variables: { STAGEGATE_REHEARSAL: '1', ...world.variables, DIE_AT: String(step), DIE_BY: 'SIGTERM', DIE_COUNT: file },
  })
  const count: { steps: number; since?: number } | undefined = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
  return { ...result, count }
}

test('statement 5: publishing, cancelled by SIGTERM at any step, ends by itself within two seconds and says in its receipt what is done', {
  timeout: 240_000,
}, async () => {
  const server = await startPackagecloud({ tls, repositories: { 'acme/staging': { token: 'one' }, 'acme/stable': { token: 'two' } } })
  onTestFinished(() => server.close())
  const sealed = await World.sealed({
    variables: { STAGING_TOKEN: 'one', PUBLIC_TOKEN: 'two' },
    repositories: packagecloudRepositories(server.url),
  })
  const empty = async () => {
    for (const { distribution, file } of server.packages('acme/stable')) {
      const url = `${server.url}/api/v1/repos/acme/stable/${distribution}/${file}`
      const answer = await fetch(url, { method: 'DELETE', headers: { authorization: `Basic ${Buffer.from('two:').toString('base64')}` } })
      expect(answer.status).toBe(200)
    }
  }
  const whole = await publishUntil(sealed.copy(), -1)
  expect(whole.exitCode, whole.output).toBe(0)
  const steps = whole.count?.steps ?? 0
  expect(steps).toBeGreaterThan(points)

  const seen = new Set<string>()
  for (let index = 0; index < points; index++) {
    await empty()
    const world = sealed.copy()
    const { exitCode, output, count } = await publishUntil(world, 1 + Math.floor((index * steps) / points))
    if (!existsSync(world.path(receipt))) {
      // It had not begun, and so ended at once.
      expect([exitCode, count], output).toEqual([137, undefined])
      seen.add('not begun')
      continue
    }
    const { outcomes } = parseReceipt(world.read(receipt), receipt)
    expect(outcomes, output).toHaveLength(targets.length)
    const done = outcomes.every(({ verdict }) => verdict === 'published')
    // Once all is written there is nothing to stop any more, and it ends at once.
    expect(done ? [0, 137] : [4], output).toContain(exitCode)
    expect(count?.since ?? 0, output).toBeLessThan(2000)
    const there = server.packages('acme/stable').map(({ digests }) => digests.sha256)
    for (const { verdict, expected } of outcomes) {
      seen.add(verdict)
      expect(output).toContain(verdict)
      if (verdict === 'published') expect(there).toContain(expected.sha256)
    }
  }
  // An upload of the run before can be stored after its process has ended, and after the repository was emptied.
  seen.delete('already-public')
  expect([...seen].sort()).toEqual(['not begun', 'published', 'undetermined'])
  expect(server.violations).toEqual([])
})
