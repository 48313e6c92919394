import { writeFileSync } from 'node:fs'
import {
  type Faults,
  GenericPackages,
  type GitlabServer,
  Jobs,
  makeDeb,
  type PackagecloudServer,
  Pipelines,
  startGitlab,
  startPackagecloud,
} from '@stagegate/uploader/testing'
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest'
import { tag, targets, World } from '../release/world.js'
import type { Captured } from '../tasks/rehearsal.mjs'
import { startTlsFront, type TlsFront } from './tls-front.js'

// Exit code 4 makes GitLab run a job again. It is for what may succeed then, and for nothing else: whichever command meets it.
const authority = inject('authority')
const first = targets[0].id
const built = 'out/hello_1.2.4-1_amd64.deb'
const tokens = { STAGING_TOKEN: 'one', PUBLIC_TOKEN: 'two', OPS_TRIGGER_TOKEN: 'glptt-0f1e2d3c4b5a', OPS_READ_TOKEN: 'glpat-9a8b7c6d5e4f' }

let packagecloud: PackagecloudServer
let packages: TlsFront
let gitlab: GitlabServer
let instance: TlsFront
let ops: TlsFront
const jobs = new Jobs()
// What is sealed is sealed: a seal that is to fail has a project of its own.
const sealedRecords = new GenericPackages({ jobs })
let records = sealedRecords
const worlds: Partial<Record<'built' | 'staged' | 'sealed' | 'approved', World>> = {}

beforeAll(async () => {
  packagecloud = await startPackagecloud({
    repositories: { 'acme/staging': { token: 'one', private: true }, 'acme/stable': { token: 'two' } },
  })
  packages = await startTlsFront(packagecloud.url, authority.server)
  const pipelines = new Pipelines({ project: 'acme/deployer', trigger: tokens.OPS_TRIGGER_TOKEN, read: tokens.OPS_READ_TOKEN })
  gitlab = await startGitlab([jobs, { answer: (asked) => records.answer(asked) }, pipelines])
  instance = await startTlsFront(gitlab.url, authority.server)
  ops = await startTlsFront(gitlab.url, authority.server)
  const app = 'const app = new App({'
  const world = await World.built({
    variables: tokens,
    repositories: `import { packagecloud, Secret } from 'stagegate'
export const ca = ${JSON.stringify(authority.ca)}
const at = (name: 'staging' | 'stable', token: string) => packagecloud(\`acme/\${name}\`, { url: '${packages.url}', ca, token: Secret.variable(token) })
export const staging = at('staging', 'STAGING_TOKEN')
export const stable = at('stable', 'PUBLIC_TOKEN')
`,
    pipeline: [
      [app, `${app}\n  project: { url: '${instance.url}', ca: repositories.ca },`],
      ['hold: Duration.days(14),', "hold: Duration.days(14),\n  approval: 'once',"],
      ['Release, StagingRepo }', 'Release, Secret, StagingRepo }'],
      [
        'export default app',
        `const [trigger, read] = [Secret.variable('OPS_TRIGGER_TOKEN'), Secret.variable('OPS_READ_TOKEN')]
new Deployment(release, 'ops', { remote: { url: '${ops.url}', ca: repositories.ca, project: 'acme/deployer', ref: 'main', trigger, read } })

export default app`,
      ],
    ],
  })
  // One that is not in staging, so that it has to be sent.
  writeFileSync(world.path(built), makeDeb({ name: 'hello', version: '1.2.4-1', architecture: 'amd64' }))
  worlds.built = world.copy()
  for (const { id } of targets) await succeed(world, `stage: [${id}]`, ['stage', '--target', id, world.built(id)])
  worlds.staged = world.copy()
  await succeed(world, 'seal', ['seal'])
  worlds.sealed = world.copy()
  await succeed(world, 'approve', ['approve'])
  worlds.approved = world.copy()
}, 300_000)
afterEach(() => {
  records = sealedRecords
  packages.show(authority.server)
  instance.show(authority.server)
  ops.show(authority.server)
  for (const { faults } of [packagecloud, gitlab] satisfies { faults: Pick<Faults, 'clear'> }[]) faults.clear()
})
afterAll(async () => {
  expect(packagecloud.packages('acme/stable')).toEqual([])
  for (const one of [packages, instance, ops, packagecloud, gitlab]) await one.close()
})

async function run(world: World, job: string, words: readonly string[], variables: Record<string, string> = {}): Promise<Captured> {
  const token = jobs.start({ name: job, ref: { tag }, pipeline: 100, commit: 'c'.repeat(40), project: { id: 7, path: 'acme/hello' } })
  const result = await world.run(words, { STAGEGATE_REHEARSAL: '', CI_JOB_TOKEN: token, ...variables })
  jobs.end(token)
  return result
}

async function succeed(...of: Parameters<typeof run>): Promise<void> {
  const result = await run(...of)
  expect(result.exitCode, result.output).toBe(0)
}

function worldAs(from: keyof typeof worlds): World {
  const world = worlds[from]
  if (world === undefined) throw new Error('Expected a world')
  if (from === 'staged') records = new GenericPackages({ jobs })
  return world.copy()
}

interface Command {
  readonly from: keyof typeof worlds
  readonly job: string
  readonly words: readonly string[]
  /** What it asks, beside the GitLab that tells it who it is. */
  readonly asks: readonly ('staging' | 'public' | 'distributions' | 'users' | 'deployer')[]
}
const commands: Readonly<Record<string, Command>> = {
  stage: { from: 'built', job: `stage: [${first}]`, words: ['stage', '--target', first, built], asks: ['staging', 'distributions'] },
  seal: { from: 'staged', job: 'seal', words: ['seal'], asks: ['staging'] },
  approve: { from: 'sealed', job: 'approve', words: ['approve'], asks: [] },
  fetch: { from: 'sealed', job: 'deploy: [production]', words: ['fetch', '--to', 'incoming'], asks: ['staging'] },
  deploy: { from: 'sealed', job: 'deploy: [ops]', words: ['deploy', '--deployment', 'ops', '--wait'], asks: ['deployer'] },
  publish: {
    from: 'approved',
    job: `publish: [${first}]`,
    words: ['publish', '--target', first],
    asks: ['staging', 'public'],
  },
  'publish --dry-run': {
    from: 'approved',
    job: `publish: [${first}]`,
    words: ['publish', '--target', first, '--dry-run'],
    asks: ['staging', 'public'],
  },
  verify: { from: 'approved', job: `verify: [${first}]`, words: ['verify', '--target', first, '--deadline', '0'], asks: ['users'] },
}
const noDistributions = { on: { path: /distributions\.json/ }, times: 100, do: { answer: 200, body: { deb: [], rpm: [] } } }

interface Refusal {
  /** Whom it comes from; `gitlab`: the one that tells a job who it is. */
  readonly from: readonly (Command['asks'][number] | 'gitlab')[]
  readonly variables?: Record<string, string>
  readonly happen?: () => void
}
const refusals: Readonly<Record<string, Refusal>> = {
  'a token for staging that nobody has': { from: ['staging'], variables: { STAGING_TOKEN: 'three' } },
  'a token for staging of another repository': { from: ['staging'], variables: { STAGING_TOKEN: 'two' } },
  'a token for the public that nobody has': { from: ['public'], variables: { PUBLIC_TOKEN: 'three' } },
  'a token for the public of another repository': { from: ['public'], variables: { PUBLIC_TOKEN: 'one' } },
  'a distribution that the server does not know': { from: ['distributions'], happen: () => packagecloud.faults.add(noDistributions) },
  'an account whose plan is used up': {
    from: ['staging', 'public'],
    happen: () => packagecloud.faults.add({ on: { path: /./ }, times: 1000, do: { answer: 402 } }),
  },
  'a certificate of somebody else': { from: ['staging', 'public', 'users'], happen: () => packages.show(authority.foreign) },
  'a certificate that has expired': { from: ['staging', 'public', 'users'], happen: () => packages.show(authority.expired) },
  'a certificate of somebody else before GitLab': { from: ['gitlab'], happen: () => instance.show(authority.foreign) },
  'a certificate for another name before GitLab': { from: ['gitlab'], happen: () => instance.show(authority.wrongName) },
  'a token of no job': { from: ['gitlab'], variables: { CI_JOB_TOKEN: 'glcbt-forged' } },
  'a certificate of nobody before the other GitLab': { from: ['deployer'], happen: () => ops.show(authority.selfSigned) },
  'a token that may not read the other project': { from: ['deployer'], variables: { OPS_READ_TOKEN: 'glpat-000000000000' } },
  'a trigger token that nobody has': { from: ['deployer'], variables: { OPS_TRIGGER_TOKEN: 'glptt-000000000000' } },
}

const cases = Object.entries(commands).flatMap(([name, command]) =>
  Object.entries(refusals)
    .filter(([, { from }]) => from.some((one) => one === 'gitlab' || command.asks.includes(one)))
    .map(([what, refusal]) => [name, what, command, refusal] as const),
)

describe('a final refusal is exit code 3, and is explained', { timeout: 300_000 }, () => {
  test.each(cases)('%s meets %s', async (_name, _what, { from, job, words }, { variables, happen }) => {
    const world = worldAs(from)
    happen?.()
    const result = await run(world, job, words, variables)
    expect(result.exitCode, result.output).toBe(3)
    // A sentence and what to do, and no stack of ours.
    expect(result.output).not.toMatch(/^\s+at /m)
    for (const value of Object.values({ ...variables })) expect(result.output).not.toContain(`${value} `)
  })
})

test('a token to read GitLab with that is a publisher’s credential is sent nowhere', async () => {
  const before = gitlab.requests.length
  const { job, words } = commands['publish'] ?? { job: '', words: [] }
  const result = await run(worldAs('approved'), job, words, { STAGEGATE_READ_TOKEN: tokens.PUBLIC_TOKEN })
  expect(result.exitCode, result.output).toBe(2)
  expect(result.stderr).toContain('STAGEGATE_READ_TOKEN holds the credential PUBLIC_TOKEN')
  expect(gitlab.requests.slice(before).map(({ headers }) => headers['private-token'])).not.toContain('(given)')
})

const busy = { answer: 503, headers: { 'retry-after': '3600' } }
const troubles: Readonly<Record<string, Refusal>> = {
  'repositories that ask for an hour': {
    from: ['staging', 'public', 'users'],
    happen: () => packagecloud.faults.add({ on: { path: /./ }, times: 1000, do: busy }),
  },
  'a GitLab that asks for an hour': { from: ['gitlab'], happen: () => gitlab.faults.add({ times: 1000, do: busy }) },
}

describe('a failure that may pass is exit code 4', { timeout: 300_000 }, () => {
  const troubled = Object.entries(commands).flatMap(([name, command]) =>
    Object.entries(troubles)
      .filter(([, { from }]) => from.some((one) => one === 'gitlab' || command.asks.includes(one)))
      .map(([what, trouble]) => [name, what, command, trouble] as const),
  )
  test.each(troubled)('%s meets %s', async (_name, _what, { from, job, words }, { happen }) => {
    const world = worldAs(from)
    happen?.()
    const result = await run(world, job, words)
    expect(result.exitCode, result.output).toBe(4)
    expect(result.output).not.toMatch(/^\s+at /m)
  })
})
