import { GenericPackages, Jobs, startGitlab, startPackagecloud } from '@stagegate/uploader/testing'
import { expect, onTestFinished, test } from 'vitest'
import { tls } from '../authority.js'
import { appOn, packagecloudRepositories, tag, targets, World } from '../release/world.js'
import { askedOf, named, startProxy } from './servers.js'

test('a release goes through a proxy to servers of a house with its own authority', { timeout: 300_000 }, async () => {
  const jobs = new Jobs()
  const packages = new GenericPackages({ jobs })
  const gitlab = await startGitlab([jobs, packages], { tls })
  const server = await startPackagecloud({
    tls,
    repositories: { 'acme/staging': { token: 'staging-secret', private: true }, 'acme/stable': { token: 'public-secret' } },
  })
  onTestFinished(() => Promise.all([gitlab.close(), server.close()]).then(() => undefined))
  const proxy = await startProxy({ account: 'ada:password' })
  const origins = [named('gitlab', gitlab.url), named('packages', server.url)] as const
  const app = appOn(origins[0])
  const world = await World.built({
    repositories: packagecloudRepositories(origins[1]),
    pipeline: [
      ['const app = new App({', app],
      ['pin: false,', "pin: false,\n    allow: ['HTTPS_PROXY'],"],
    ],
    variables: { STAGEGATE_REHEARSAL: '', STAGING_TOKEN: 'staging-secret', PUBLIC_TOKEN: 'public-secret' },
  })
  const HTTPS_PROXY = `http://ada:password@${new URL(proxy.url).host}`
  const run = async (name: string, words: readonly string[], variables: Record<string, string> = { HTTPS_PROXY }) => {
    const token = jobs.start({ name, ref: { tag }, pipeline: 100, commit: 'c'.repeat(40), project: { id: 7, path: 'acme/hello' } })
    const result = await world.run(words, { CI_JOB_TOKEN: token, ...variables })
    jobs.end(token)
    return result
  }
  const succeed = async (...of: Parameters<typeof run>) => {
    const { exitCode, output } = await run(...of)
    expect(exitCode, output).toBe(0)
    expect(output).not.toContain('ada:password')
  }

  for (const { id } of targets) await succeed(`stage: [${id}]`, ['stage', '--target', id, world.built(id)])
  await succeed('seal', ['seal'])
  await succeed('deploy: [production]', ['fetch', '--to', 'incoming'])
  for (const { id } of targets) {
    await succeed(`publish: [${id}]`, ['publish', '--target', id])
    await succeed(`verify: [${id}]`, ['verify', '--target', id, '--deadline', '0'])
  }
  expect(server.packages('acme/stable')).toHaveLength(targets.length)
  expect([...gitlab.violations, ...server.violations]).toEqual([])

  const asked = new Set(askedOf(proxy))
  expect(asked).toEqual(new Set(origins.map((origin) => `CONNECT ${new URL(origin).host}`)))
  for (const secret of ['secret', 'token', '/api/']) expect(proxy.log()).not.toContain(secret)

  // Without the proxy, nobody is found under these names; a proxy that the plan does not name is refused.
  const [{ id }] = targets
  expect(await run(`publish: [${id}]`, ['publish', '--target', id], {})).toMatchObject({ exitCode: 4 })
  const other = await run(`publish: [${id}]`, ['publish', '--target', id], { https_proxy: HTTPS_PROXY })
  expect(other).toMatchObject({ exitCode: 2, output: expect.stringContaining('https_proxy') })
  const refused = await run(`publish: [${id}]`, ['publish', '--target', id], { HTTPS_PROXY: proxy.url })
  expect(refused).toMatchObject({ exitCode: 3, output: expect.stringContaining('refused the connection (407)') })
})
