import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { digestOf, parseApproval, parseReceipt, parseReleaseManifest, parseStagingRecord, parseVerification } from '@stagegate/schema'
import { type GenericFile, GenericPackages, type GitlabServer, type JobOptions, Jobs, startGitlab } from '@stagegate/uploader/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { tls } from '../authority.js'
import type { Captured } from '../tasks/rehearsal.mjs'
import { packagesIn } from './files.js'
import { appOn, tag, targets, World } from './world.js'

// A release whose jobs run as GitLab's do: no rehearsal, but for the GitLab that they ask who they are.
const record = ['stagegate-seals.hello', '1.2.3'] as const
const project = { id: 7, path: 'acme/hello' }
const first = targets[0].id

// The address is part of the plan, and so of what is sealed: one server, whose packages are others in each test.
let jobs: Jobs
let packages: GenericPackages
let server: GitlabServer
let built: World
let sealed: World
let recorded: GenericFile

beforeAll(async () => {
  jobs = new Jobs()
  packages = new GenericPackages({ jobs })
  server = await startGitlab([jobs, { answer: (asked) => packages.answer(asked) }], { tls })
  const app = 'const app = new App({'
  built = await World.built({ pipeline: [[app, appOn(server.url, `path: '${project.path}' `)]] })
  sealed = built.copy()
  await stageAll(sealed)
  await succeed(sealed, 'seal', ['seal'])
  const [file] = recordsOf()
  if (file === undefined) throw new Error('Expected a record')
  recorded = file
}, 300_000)
afterAll(async () => {
  expect(server.violations).toEqual([])
  await server.close()
})

function recordsOf(): readonly GenericFile[] {
  return packages.all[record.join('/')] ?? []
}

/** The project's packages as they are when it is sealed, and nothing else. */
function resetRecords(): void {
  packages = new GenericPackages({ jobs })
  const { name, text, by } = recorded
  packages.add(project.id, record, { name, text, by })
}

/** A sealed world of one's own. */
function sealedWorld(): World {
  resetRecords()
  return sealed.copy()
}

/** Runs a command as GitLab's runner does, in a job of that name. Its token may be in nothing that the command leaves. */
async function run(
  world: World,
  name: string,
  words: readonly string[],
  { variables = {}, ...of }: Partial<JobOptions> & { readonly variables?: Record<string, string> } = {},
): Promise<Captured> {
  const token = jobs.start({ name, ref: { tag }, pipeline: 100, commit: 'c'.repeat(40), project, ...of })
  const result = await world.run(words, { STAGEGATE_REHEARSAL: '', CI_JOB_TOKEN: token, ...variables })
  jobs.end(token)
  expect(result.output).not.toContain(token)
  for (const file of readdirSync(world.checkout, { recursive: true, encoding: 'utf8', withFileTypes: true })) {
    if (!file.isFile() || !/\.(?:json|xml|env|sha256)$/.test(file.name)) continue
    expect(readFileSync(join(file.parentPath, file.name), 'utf8'), file.name).not.toContain(token)
  }
  return result
}

async function succeed(...of: Parameters<typeof run>): Promise<Captured> {
  const result = await run(...of)
  expect(result.exitCode, result.output).toBe(0)
  return result
}

async function stageAll(world: World, of: Parameters<typeof run>[3] = {}): Promise<void> {
  for (const { id } of targets) await succeed(world, `stage: [${id}]`, ['stage', '--target', id, world.built(id)], of)
}

const publishing = [`publish: [${first}]`, ['publish', '--target', first]] as const
const published = (world: World) => Object.keys(packagesIn(world.path('repositories/stable')))

test('a whole release, job by job, and each knows from GitLab who it is', { timeout: 300_000 }, async () => {
  packages = new GenericPackages({ jobs })
  const world = built.copy()
  const before = server.requests.length
  await stageAll(world, { user: 'ada' })
  const seal = await succeed(world, 'seal', ['seal'])
  expect(seal.stdout).toContain('Sealed hello 1.2.3 until ')
  expect(seal.stdout).not.toContain('rehearsal')
  await succeed(world, 'deploy: [production]', ['fetch', '--to', 'incoming'])
  expect(published(world)).toEqual([])
  const preview = await succeed(world, publishing[0], [...publishing[1], '--dry-run'])
  expect(preview.stdout).toContain('Publishing now would send 1 of 1 artifacts.')
  expect(published(world)).toEqual([])
  for (const { id } of targets) {
    await succeed(world, `publish: [${id}]`, ['publish', '--target', id], { user: 'grace' })
    await succeed(world, `verify: [${id}]`, ['verify', '--target', id, '--deadline', '0'], { user: 'grace' })
  }
  expect(packagesIn(world.path('repositories/stable'))).toEqual(packagesIn(world.path('repositories/staging')))

  const origin = {
    rehearsal: false,
    instance: server.url,
    project,
    pipeline: 100,
    commit: 'c'.repeat(40),
    ref: { tag },
    pipelineKind: 'release',
  }
  const file = `${encodeURIComponent(first)}.json`
  const read = (path: string) => [world.read(path), path] as const
  expect(parseStagingRecord(...read(`.stagegate/records/${file}`)).origin).toMatchObject({ ...origin, job: { name: `stage: [${first}]` } })
  const manifest = parseReleaseManifest(...read('.stagegate/release-manifest.json'))
  expect(manifest.origin).toMatchObject({ ...origin, job: { name: 'seal' } })
  expect(recordsOf().map(({ text }) => JSON.parse(text))).toEqual([manifest])
  const receipt = parseReceipt(...read(`.stagegate/receipts/${file}`))
  expect(receipt).toMatchObject({ startedBy: 'grace', origin: { ...origin, job: { name: publishing[0] } } })
  expect(parseVerification(...read(`.stagegate/verifications/${file}`)).origin).toMatchObject(origin)
  // Nothing but who it is, and the record.
  const asked = server.requests
    .slice(before)
    .map(({ method, path }) => `${method} ${path.replace(/\?.*/, '').replace(/\d+\/package_files/, '1/package_files')}`)
  expect(new Set(asked.map((line) => line.replace(/[0-9a-f]{64}/, 'DIGEST')))).toEqual(
    new Set([
      'GET /api/v4/job',
      'GET /api/v4/projects/7/packages',
      'GET /api/v4/projects/7/packages/1/package_files',
      'PUT /api/v4/projects/7/packages/generic/stagegate-seals.hello/1.2.3/DIGEST.txt',
      'GET /api/v4/projects/7/packages/generic/stagegate-seals.hello/1.2.3/DIGEST.txt',
    ]),
  )
})

test('forged CI variables change nothing: the plan’s GitLab is asked, and believed', async () => {
  const world = sealedWorld()
  const elsewhere = await startGitlab([], { tls })
  onTestFinished(() => elsewhere.close())
  await succeed(world, ...publishing, {
    variables: {
      CI_API_V4_URL: `${elsewhere.url}/api/v4`,
      CI_SERVER_URL: elsewhere.url,
      CI_SERVER_HOST: 'gitlab.evil.example',
      CI_PROJECT_ID: '8',
      CI_PROJECT_PATH: 'mallory/hello',
      CI_PIPELINE_ID: '666',
      CI_PIPELINE_SOURCE: 'schedule',
      CI_JOB_ID: '666',
      CI_JOB_NAME: 'publish: [any/any]',
      CI_COMMIT_SHA: 'd'.repeat(40),
      CI_COMMIT_TAG: 'v9.9.9',
      CI_COMMIT_REF_NAME: 'v9.9.9',
      CI_COMMIT_BRANCH: 'main',
      CI_COMMIT_REF_PROTECTED: 'false',
      STAGEGATE_KIND: '',
      GITLAB_USER_LOGIN: 'mallory',
    },
  })
  expect(elsewhere.requests).toEqual([])
  const file = `.stagegate/receipts/${encodeURIComponent(first)}.json`
  expect(parseReceipt(world.read(file), file)).toMatchObject({
    startedBy: 'ada',
    origin: { project, pipeline: 100, commit: 'c'.repeat(40), ref: { tag }, job: { name: publishing[0] } },
  })
})

describe('publishing is refused, and sends nothing', () => {
  // One for all that change nothing in it.
  let world: World
  beforeAll(() => {
    world = sealedWorld()
  })
  beforeEach(resetRecords)
  afterEach(() => expect(published(world)).toEqual([]))

  test.each<[string, Parameters<typeof run>[3] & { name?: string }, string]>([
    [
      'in another job',
      { name: 'build: [ubuntu/jammy]' },
      'this is the job build: [ubuntu/jammy], but in the plan the job publish: [ubuntu/jammy]',
    ],
    ['in the job of another target', { name: 'publish: [debian/bookworm]' }, 'in the plan the job publish: [ubuntu/jammy] does this'],
    ['in another pipeline', { pipeline: 101 }, 'it was sealed for pipeline 100, but this is pipeline 101'],
    ['at another commit', { commit: 'd'.repeat(40) }, 'it was sealed for commit ccc'],
    ['for another tag', { ref: { tag: 'v1.2.4' } }, 'it was sealed for the tag v1.2.3'],
    ['for a branch of the tag’s name', { ref: { branch: tag } }, 'this job runs for the branch v1.2.3'],
    ['in a merge request', { ref: { mergeRequest: 1 } }, 'this job runs for no tag and no branch'],
    ['in another project', { project: { id: 8, path: 'mallory/hello' } }, 'this is a job of mallory/hello, but the plan is for acme/hello'],
    ['in a new project under the old path', { project: { id: 8, path: project.path } }, 'the project acme/hello (7)'],
    ['with a forged kind', { variables: { STAGEGATE_KIND: 'branch' } }, 'which does not match the kind branch'],
    ['where the ref is not protected', { variables: { STAGEGATE_KIND: 'refused' } }, 'which does not match the kind refused'],
    ['with a token that GitLab does not know', { variables: { CI_JOB_TOKEN: 'glcbt-forged' } }, 'GitLab does not accept CI_JOB_TOKEN'],
  ])('%s', async (_what, { name = publishing[0], ...of }, said) => {
    const result = await run(world, name, publishing[1], of)
    expect(result.exitCode, result.output).toBe(3)
    expect(result.stderr).toContain(said)
    expect(result.output).not.toContain('glcbt-')
  })

  test('all targets in one job, which the plan has not', async () => {
    expect(await run(world, publishing[0], ['publish'])).toMatchObject({ exitCode: 3 })
  })

  test('outside of GitLab', async () => {
    const result = await world.run(publishing[1], { STAGEGATE_REHEARSAL: '' })
    expect(result).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('not running in a GitLab job') })
  })

  test('on an instance other than gitlab.com that the app does not name: the message has the line to write', async () => {
    const world = sealedWorld()
    world.write('release-plan.json', world.read('release-plan.json').replace(server.url, 'https://gitlab.com'))
    const before = server.requests.length
    const result = await run(world, ...publishing, { variables: { CI_SERVER_URL: 'https://gitlab.acme.example' } })
    expect(result).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("{ url: 'https://gitlab.acme.example' }") })
    expect(server.requests).toHaveLength(before)
  })

  test('as a rehearsal of what is none', async () => {
    const result = await run(world, ...publishing, { variables: { STAGEGATE_REHEARSAL: '1' } })
    expect(result).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('it was sealed for a pipeline of GitLab') })
  })

  test('while GitLab asks to be left alone: running it again can help', async () => {
    const world = sealedWorld()
    server.faults.add({ do: { answer: 503, headers: { 'retry-after': '600' } } })
    expect(await run(world, ...publishing)).toMatchObject({ exitCode: 4 })
    expect(published(world)).toEqual([])
    await succeed(world, ...publishing)
  })

  test('with another digest than the one approved', async () => {
    const words = [...publishing[1], '--manifest-digest', 'e'.repeat(64)]
    expect(await run(world, publishing[0], words)).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('the approved one') })
  })

  test('of a manifest that lacks a target of the plan, with its digest beside it', async () => {
    const world = sealedWorld()
    const path = '.stagegate/release-manifest.json'
    const manifest = parseReleaseManifest(world.read(path), path)
    const less = { ...manifest, targets: manifest.targets.filter(({ target }) => target === first) }
    world.write(path, JSON.stringify(less))
    world.write('.stagegate/release-manifest.sha256', digestOf(less))
    const said = 'it lacks debian/bookworm, any/any, which the plan requires'
    expect(await run(world, ...publishing)).toMatchObject({ exitCode: 3, stderr: expect.stringContaining(said) })
    expect(published(world)).toEqual([])
  })

  test.each<[string, () => void, string]>([
    ['whose record is gone', () => packages.delete(...record), 'no seal is recorded for this version'],
    [
      'whose record is another’s',
      () => {
        packages.delete(...record)
        packages.add(project.id, record, { ...recorded, name: 'manifest.json' })
      },
      'not a Stagegate record',
    ],
  ])('of a manifest %s', async (_what, change, said) => {
    change()
    expect(await run(world, ...publishing)).toMatchObject({ exitCode: 3, stderr: expect.stringContaining(said) })
  })
})

describe('one version has one manifest', () => {
  test('a retried seal gets the first one back', async () => {
    const world = sealedWorld()
    const before = world.read('.stagegate/release-manifest.json')
    await succeed(world, 'seal', ['seal'])
    expect(world.read('.stagegate/release-manifest.json')).toBe(before)
    expect(recordsOf()).toHaveLength(1)
  })

  test('a second pipeline of the tag is refused with the first one’s name, and publishes nothing', async () => {
    sealedWorld()
    const second = built.copy()
    await stageAll(second, { pipeline: 101 })
    const seal = await run(second, 'seal', ['seal'], { pipeline: 101 })
    expect(seal).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('by pipeline 100 for tag v1.2.3') })
    expect(recordsOf()).toHaveLength(1)
  })

  test('two pipelines that seal it at the same time, in processes of their own: one does', { timeout: 300_000 }, async () => {
    const worlds = [built.copy(), built.copy()]
    packages = new GenericPackages({ jobs, raceWith500: true })
    for (const [index, world] of worlds.entries()) await stageAll(world, { pipeline: 100 + index })
    for (let round = 0; round < 6; round++) {
      packages = new GenericPackages({ jobs, raceWith500: round % 2 === 0 })
      const seals = await Promise.all(worlds.map((world, index) => run(world, 'seal', ['seal'], { pipeline: 100 + index })))
      expect(seals.map(({ exitCode }) => exitCode).toSorted(), seals.map(({ output }) => output).join('\n')).toEqual([0, 3])
      const winner = seals.findIndex(({ exitCode }) => exitCode === 0)
      expect(JSON.parse(recordsOf()[0]?.text ?? '')).toMatchObject({ origin: { pipeline: 100 + winner } })
    }
  })

  test('sealed twice at once by one pipeline, it is the same manifest', { timeout: 300_000 }, async () => {
    const world = built.copy()
    packages = new GenericPackages({ jobs, raceWith500: true })
    await stageAll(world)
    const worlds = [world, world.copy(), world.copy()]
    for (const { exitCode, output } of await Promise.all(worlds.map((one) => run(one, 'seal', ['seal'])))) expect(exitCode, output).toBe(0)
    const [manifest, ...others] = worlds.map((one) => one.read('.stagegate/release-manifest.json'))
    for (const other of others) expect(other).toBe(manifest)
  })
})

test('a kind that depends on a variable: stage and seal get it, publish takes it from the manifest', {
  timeout: 300_000,
}, async () => {
  packages = new GenericPackages({ jobs })
  const app = 'const app = new App({'
  const world = await World.built({
    pipeline: [
      [app, appOn(server.url)],
      [
        'const branch =',
        `const nightly = new PipelineKind(app, 'nightly', {
  when: Condition.branch('main').and(Condition.variable('NIGHTLY').isSet()),
  version: { variable: 'VERSION' },
})
const branch =`,
      ],
      ['{ on: tagged, staging', '{ on: [tagged, nightly], staging'],
    ],
  })
  const of = { ref: { branch: 'main' } } as const
  const told = { ...of, variables: { STAGEGATE_KIND: 'nightly', VERSION: '1.2.3' } }
  const stage = ['stage', '--target', first, world.built(first)]
  const untold = await run(world, `stage: [${first}]`, stage, of)
  expect(untold).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('which matches the kinds nightly, branch') })
  // It is a branch where nobody says otherwise, and there nothing is staged.
  expect(await run(world, `stage: [${first}]`, stage, { ...of, variables: { STAGEGATE_KIND: 'branch' } })).toMatchObject({ exitCode: 2 })
  expect(await run(world, `stage: [${first}]`, stage, { ...told, ref: { branch: 'other' } })).toMatchObject({ exitCode: 3 })
  await stageAll(world, told)
  await succeed(world, 'seal', ['seal'], told)
  await succeed(world, ...publishing, of)
  expect(await run(world, ...publishing, { ...of, variables: { STAGEGATE_KIND: 'branch' } })).toMatchObject({ exitCode: 3 })
  const receipt = `.stagegate/receipts/${encodeURIComponent(first)}.json`
  expect(parseReceipt(world.read(receipt), receipt).origin).toMatchObject({ pipelineKind: 'nightly', ref: { branch: 'main' } })
})

test('the person who starts the approve job has approved', { timeout: 300_000 }, async () => {
  packages = new GenericPackages({ jobs })
  const app = 'const app = new App({'
  const world = await World.built({
    pipeline: [
      [app, appOn(server.url)],
      ['hold: Duration.days(14),', "hold: Duration.days(14),\n  approval: 'once',"],
    ],
  })
  await stageAll(world)
  await succeed(world, 'seal', ['seal'])
  expect(await run(world, 'publish: [any/any]', ['approve'])).toMatchObject({ exitCode: 3 })
  await succeed(world, 'approve', ['approve'], { user: 'grace' })
  const path = '.stagegate/approval.json'
  expect(parseApproval(world.read(path), path)).toMatchObject({ by: 'grace', origin: { job: { name: 'approve' } } })
  // GitLab runs what comes after as the one who pushed the tag.
  await succeed(world, ...publishing, { user: 'bot' })
  const receipt = `.stagegate/receipts/${encodeURIComponent(first)}.json`
  expect(parseReceipt(world.read(receipt), receipt)).toMatchObject({ startedBy: 'bot', approval: { by: 'grace' } })
})
