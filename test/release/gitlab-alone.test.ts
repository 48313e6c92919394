import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { GenericPackages, type GitlabServer, Jobs, Projects, startGitlab } from '@stagegate/uploader/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ca, tls } from '../authority.js'
import { appOn, tag, targets, World } from './world.js'

// A release that needs nothing but GitLab: packages wait in the project's own registry, and are public in another project's.
const project = { id: 7, path: 'acme/hello', members: { ada: 'developer' } } as const
const downloads = { id: 8, path: 'acme/downloads', visibility: 'public' } as const
const token = 'glpat-0f1e2d3c4b5a69788796'

let jobs: Jobs
let packages: GenericPackages
let server: GitlabServer
let world: World

beforeAll(async () => {
  jobs = new Jobs()
  const tokens = { [token]: { kind: 'project', project: downloads.id, role: 'developer' } } as const
  const projects = new Projects({ jobs, projects: [project, downloads], tokens })
  packages = new GenericPackages({ projects, downloads: 'storage' })
  server = await startGitlab([jobs, packages, projects], { tls, root: '/code' })
  world = await World.built({
    pipeline: [['const app = new App({', appOn(server.url, `path: '${project.path}' `)]],
    repositories: `import { gitlabPackages, Secret } from 'stagegate'
const ca = ${JSON.stringify(ca)}
export const staging = gitlabPackages()
export const stable = gitlabPackages('acme/downloads', { gitlab: '${server.url}', ca, token: Secret.variable('DOWNLOADS_TOKEN') })
`,
  })
}, 300_000)
afterAll(async () => {
  expect(server.violations).toEqual([])
  await server.close()
})

async function run(name: string, words: readonly string[], variables: Record<string, string> = {}) {
  const own = jobs.start({ name, ref: { tag }, pipeline: 100, commit: 'c'.repeat(40), project })
  const result = await world.run(words, { STAGEGATE_REHEARSAL: '', CI_JOB_TOKEN: own, ...variables })
  jobs.end(own)
  for (const secret of [own, token]) expect(result.output).not.toContain(secret)
  expect(result.exitCode, result.output).toBe(0)
  return result
}
const publish = ({ id }: (typeof targets)[number]) => run(`publish: [${id}]`, ['publish', '--target', id], { DOWNLOADS_TOKEN: token })

test('from the tag to downloads that anybody can check', { timeout: 300_000 }, async () => {
  for (const { id } of targets) await run(`stage: [${id}]`, ['stage', '--target', id, world.built(id)])
  await run('seal', ['seal'])
  await run('deploy: [production]', ['fetch', '--to', 'incoming'])
  expect(Object.keys(packages.of(downloads.id))).toEqual([])
  for (const target of targets) {
    await publish(target)
    await run(`verify: [${target.id}]`, ['verify', '--target', target.id, '--deadline', '0'])
  }
  const names = ['hello_ubuntu_jammy/1.2.3-1', 'hello_debian_bookworm/1.2.3-1', 'hello-doc_any_any/1.2.3-1']
  expect(Object.keys(packages.of(downloads.id))).toEqual(names)
  expect(Object.keys(packages.of(project.id)).sort()).toEqual(
    [...names.map((name) => `stagegate-staging.${name}`), 'stagegate-staging.probe/1', 'stagegate-seals.hello/1.2.3'].sort(),
  )
  for (const [index, { id, file }] of targets.entries()) {
    const answer = await fetch(`${server.url}/api/v4/projects/acme%2Fdownloads/packages/generic/${names[index]}/${file}`)
    expect(answer.status).toBe(200)
    expect(sha256(Buffer.from(await answer.arrayBuffer()))).toBe(sha256(readFileSync(world.path(world.built(id)))))
  }

  const sent = () => server.requests.filter(({ method }) => method === 'PUT').length
  const before = sent()
  for (const target of targets) expect((await publish(target)).stdout).toContain('1 already-public.')
  expect(sent()).toBe(before)
})

function sha256(data: Buffer): string {
  return createHash('sha256').update(data).digest('hex')
}
