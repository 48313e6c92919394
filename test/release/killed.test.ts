import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startPackagecloud } from '@stagegate/uploader/testing'
import { expect, onTestFinished, test } from 'vitest'
import { capture } from '../tasks/rehearsal.mjs'
import { packagesIn, temporaryFolder } from './files.js'
import { targets, World } from './world.js'

const command = new URL('../../packages/cli/dist/stagegate.mjs', import.meta.url).pathname
const dieAt = new URL('die-at.mjs', import.meta.url).pathname

/** Publishes everything, with the process killed before that step of its I/O. */
function publishUntil(world: World, step: number, countFile = '') {
  return capture(process.execPath, ['--import', dieAt, command, 'publish'], {
    cwd: world.checkout,
    timeout: 60_000,
    variables: { STAGEGATE_REHEARSAL: '1', ...world.variables, DIE_AT: String(step), DIE_COUNT: countFile },
  })
}

async function stepsOf(world: World): Promise<number> {
  const file = join(temporaryFolder(), 'steps')
  const whole = await publishUntil(world, -1, file)
  expect(whole.exitCode, whole.output).toBe(0)
  return Number(readFileSync(file, 'utf8'))
}

/** At least so many points, spread evenly over all steps; all of them where there are not more. */
function spread(steps: number, points: number): readonly number[] {
  const every = Math.max(1, Math.floor(steps / points))
  return Array.from({ length: Math.ceil(steps / every) }, (_, index) => 1 + index * every)
}

test('publishing to a directory, killed at any step and run again, ends in the same public state', { timeout: 240_000 }, async () => {
  const sealed = await World.sealed()
  const expected = packagesIn(sealed.path('repositories/staging'))
  const points = spread(await stepsOf(sealed.copy()), 60)
  expect(points.length).toBeGreaterThanOrEqual(50)
  for (const point of points) {
    const world = sealed.copy()
    const killed = await publishUntil(world, point)
    expect(killed.exitCode, killed.output).toBe(137)
    // Whatever is there by now is complete.
    expect(expected).toMatchObject(packagesIn(world.path('repositories/stable')))
    const again = await world.run(['publish'])
    expect(again.exitCode, `after step ${point}: ${again.output}`).toBe(0)
    expect(packagesIn(world.path('repositories/stable')), `after step ${point}`).toEqual(expected)
    const verified = await world.run(['verify', '--deadline', '0'])
    expect(verified.exitCode, `after step ${point}: ${verified.output}`).toBe(0)
  }
})

test('publishing to packagecloud, killed at any step and run again, ends in the same public state', { timeout: 240_000 }, async () => {
  const server = await startPackagecloud({
    repositories: { 'acme/staging': { token: 'one', private: true }, 'acme/stable': { token: 'two' } },
  })
  onTestFinished(() => server.close())
  const world = await World.sealed({
    variables: { STAGING_TOKEN: 'one', PUBLIC_TOKEN: 'two' },
    repositories: `import { packagecloud, Secret } from 'stagegate'
const at = (name: 'staging' | 'stable', token: string) => packagecloud(\`acme/\${name}\`, { url: '${server.url}', token: Secret.variable(token) })
export const staging = at('staging', 'STAGING_TOKEN')
export const stable = at('stable', 'PUBLIC_TOKEN')
`,
  })
  const published = () =>
    Object.fromEntries(server.packages('acme/stable').map(({ distribution, file, digests }) => [`${distribution}/${file}`, digests.sha256]))
  const expected = Object.fromEntries(
    server.packages('acme/staging').map(({ distribution, file, digests }) => [`${distribution}/${file}`, digests.sha256]),
  )
  const empty = async () => {
    for (const { distribution, file } of server.packages('acme/stable')) {
      const url = `${server.url}/api/v1/repos/acme/stable/${distribution}/${file}`
      const answer = await fetch(url, { method: 'DELETE', headers: { authorization: `Basic ${Buffer.from('two:').toString('base64')}` } })
      expect(answer.status).toBe(200)
    }
  }
  expect(Object.keys(expected)).toHaveLength(targets.length)

  const points = spread(await stepsOf(world), 60)
  expect(points.length).toBeGreaterThanOrEqual(50)
  for (const point of points) {
    await empty()
    const killed = await publishUntil(world, point)
    // The steps of a run differ a little with the timing of its connections: some end before the point.
    expect([0, 137], killed.output).toContain(killed.exitCode)
    expect(expected).toMatchObject(published())
    const again = await world.run(['publish'])
    expect(again.exitCode, `after step ${point}: ${again.output}`).toBe(0)
    expect(published(), `after step ${point}`).toEqual(expected)
  }
  expect(server.violations).toEqual([])
})
