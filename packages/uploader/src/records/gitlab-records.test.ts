import { createHash } from 'node:crypto'
import { documentText, type ReleaseManifest } from '@stagegate/schema'
import { describe, expect, onTestFinished, test } from 'vitest'
import { admit, recordSeal } from '../gate/gate.js'
import { GitlabApi } from '../gitlab/gitlab-api.js'
import { createEnvironment } from '../repository/environment.js'
import { tls } from '../testing/authority.js'
import { itemOf, manifestOf, virtualClock } from '../testing/fixtures.js'
import { GenericPackages } from '../testing/gitlab/generic-packages.js'
import type { GenericPackagesOptions } from '../testing/gitlab/generic-packages-options.js'
import { Jobs } from '../testing/gitlab/jobs.js'
import { startGitlab } from '../testing/gitlab/start.js'
import { pipelineNotes } from './gitlab-notes.js'
import { gitlabRecords } from './gitlab-records.js'

const manifest = manifestOf([itemOf(Buffer.from('a package'))])
const { origin } = manifest
const ofPipeline = (pipeline: number): ReleaseManifest => ({ ...manifest, origin: { ...manifest.origin, pipeline } })
const name = 'stagegate-seals.acme'
const here = [name, '1.2.3'] as const
const at = here.join('/')
const fileOf = (text: string) => `${createHash('sha256').update(text).digest('hex')}.txt`

/** A project's packages, and as many seal jobs as are wanted, each with a token and connections of its own. */
async function project(options: Omit<GenericPackagesOptions, 'jobs'> = {}) {
  const jobs = new Jobs()
  const packages = new GenericPackages({ jobs, ...options })
  const server = await startGitlab([jobs, packages], { tls })
  onTestFinished(async () => {
    expect(server.violations).toEqual([])
    await server.close()
  })
  const job = (pipeline = 100, project = { id: 7, path: 'acme/acme' }) => {
    const token = jobs.start({ name: 'seal', ref: origin.ref, pipeline, commit: origin.commit, project })
    const clock = virtualClock(new Date().toISOString())
    const environment = createEnvironment({ variables: { CI_JOB_TOKEN: token }, base: '/', rehearsal: false, clock })
    const where = { api: new GitlabApi({ url: server.url }, environment), project: 7, clock, random: () => 0.5 }
    const notes = pipelineNotes({ ...where, prefix: 'notes' }, { ...origin, pipeline })
    return { records: gitlabRecords(where), notes, token, clock }
  }
  return { jobs, packages, server, job }
}

const methods = (requests: readonly { method: string; path: string }[]) => requests.map(({ method }) => method).join(' ')

describe('a manifest', () => {
  test('is recorded whole, in a file named by its digest, and found again', async () => {
    const { packages, server, job } = await project()
    const { records } = job()
    expect(await records.find('acme', '1.2.3')).toBeUndefined()
    expect(await records.record(manifest)).toEqual(manifest)
    const text = documentText(manifest)
    expect(packages.all).toMatchObject({ [at]: [{ id: 1, name: fileOf(text), text }] })
    expect(await job().records.find('acme', '1.2.3')).toEqual(manifest)
    for (const { headers } of server.requests) expect(headers).toMatchObject({ 'job-token': '(given)' })
  })

  test('that is there already is given back, and nothing is sent', async () => {
    const { server, job } = await project()
    await job().records.record(manifest)
    const before = server.requests.length
    expect(await job().records.record(ofPipeline(101))).toEqual(manifest)
    expect(methods(server.requests.slice(before))).toBe('GET GET GET')
  })

  test('keeps to its own product, version and supplement, whatever these are called', async () => {
    const { packages, job } = await project({ maxPerPage: 1 })
    const { records } = job()
    const versions = [
      '1.2.3',
      '1.2.3+ee.0',
      '1.2.3~rc1',
      '1.2.3 x',
      '../1.2.3',
      '..',
      '.',
      '1/2',
      '1_2F2',
      '1.2.3\\nx',
      'ä',
      'v'.repeat(255),
    ]
    for (const version of versions) await records.record({ ...manifest, version })
    await records.record({ ...manifest, release: '../acme' })
    await records.record({ ...manifest, release: 'acm' })
    const [target] = manifest.targets
    if (target === undefined) throw new Error('Expected a target')
    for (const id of ['x', 'raspbian/bookworm'])
      await records.record({ ...manifest, supplements: target.record, targets: [{ ...target, target: id }] })
    for (const version of versions) expect(await records.find('acme', version)).toMatchObject({ version })
    expect(await records.find('acm', '1.2.3')).toMatchObject({ release: 'acm' })
    expect(await records.find('acme', '1.2.3', 'raspbian/bookworm')).toMatchObject({ targets: [{ target: 'raspbian/bookworm' }] })
    expect(await records.find('acme', '1.2.3', 'y')).toBeUndefined()
    expect(Object.keys(packages.all)).toHaveLength(versions.length + 4)
    expect(Object.values(packages.all).every((files) => files.length === 1)).toBe(true)
  })

  test('is not found in another project, whose packages the job may not see', async () => {
    const { job } = await project()
    await job().records.record(manifest)
    const { records } = job(100, { id: 8, path: 'mallory/acme' })
    await expect(records.find('acme', '1.2.3')).rejects.toMatchObject({ name: 'GateError', code: 'gate/records' })
    await expect(records.record(manifest)).rejects.toMatchObject({ name: 'GateError', code: 'gate/records' })
  })
})

describe('of seals that run at the same time, one is recorded and all get it', () => {
  const rounds = 25
  test.each<[string, Omit<GenericPackagesOptions, 'jobs'>]>([
    ['with a server that adds duplicates', {}],
    ['with one that refuses duplicates', { duplicates: 'refused' }],
    ['with one that fails in a race', { raceWith500: true }],
    ['with one that lists late', { lag: 2 }],
  ])('%s', async (_what, options) => {
    for (let round = 0; round < rounds; round++) {
      const { packages, job } = await project(options)
      const got = await Promise.all(Array.from({ length: 6 }, (_, index) => job(100 + index).records.record(ofPipeline(100 + index))))
      const [winner] = got
      expect(new Set(got.map(({ origin }) => origin.pipeline)).size).toBe(1)
      expect(await job().records.find('acme', '1.2.3')).toEqual(winner)
      expect(packages.all[at]?.[0]?.text).toBe(documentText(winner))
      // Whoever comes later changes nothing.
      expect(await job().records.record(ofPipeline(999))).toEqual(winner)
    }
  })

  test('and the same manifest, sealed twice at once, is one', async () => {
    const { job } = await project({ duplicates: 'refused' })
    expect(await Promise.all([1, 2, 3].map(() => job().records.record(manifest)))).toEqual([manifest, manifest, manifest])
  })
})

describe('an upload', () => {
  test.each([
    ['whose answer was lost', { commitThenReset: true }],
    ['that was kept, and answered with 502', { commitThenAnswer: 502 }],
    ['that was not kept, and answered with 500', { answer: 500 }],
    ['that was answered with 429', { answer: 429 }],
    ['whose connection broke', { reset: 'after-body' }],
    ['that was accepted, and forgotten', { acceptAndForget: true }],
  ] as const)('%s ends in one record', async (_what, fault) => {
    const { packages, server, job } = await project()
    server.faults.add({ on: { method: 'PUT' }, do: fault })
    expect(await job().records.record(manifest)).toEqual(manifest)
    expect(packages.all[at]).toHaveLength(1)
  })

  test.each([
    ['is forgotten each time', { acceptAndForget: true }, { code: 'records/not-listed' }],
    ['is answered with 503 each time', { answer: 503 }, { code: 'gitlab/unavailable' }],
    ['is not allowed', { answer: 403 }, { name: 'GateError', code: 'gate/records' }],
    ['is too large for what stands before GitLab', { answer: 413 }, { name: 'GateError', code: 'gate/records' }],
  ] as const)('that %s is nothing recorded', async (_what, fault, error) => {
    const { packages, server, job } = await project()
    server.faults.add({ times: 100, on: { method: 'PUT' }, do: fault })
    await expect(job().records.record(manifest)).rejects.toMatchObject(error)
    expect(packages.all).toEqual({})
    expect(server.requests.filter(({ method }) => method === 'PUT').length).toBeLessThanOrEqual(6)
  })
})

describe('what is recorded', () => {
  test('stays, whatever is added to it', async () => {
    const { packages, job } = await project({ maxPerPage: 1 })
    await job().records.record(manifest)
    const other = documentText(ofPipeline(101))
    packages.add(7, here, { name: fileOf(other), text: other })
    packages.add(7, here, { name: 'a note', text: 'for people' })
    expect(await job().records.find('acme', '1.2.3')).toEqual(manifest)
    expect(await job().records.record(ofPipeline(102))).toEqual(manifest)
  })

  test('that a maintainer has deleted is gone, and the manifest that was sealed is refused', async () => {
    const { packages, job } = await project()
    await job().records.record(manifest)
    packages.delete(name, '1.2.3')
    const admitted = admit(manifest, { origin, now: manifest.sealedAt, records: job().records })
    await expect(admitted).rejects.toMatchObject({
      name: 'GateError',
      code: 'gate/not-sealed',
      message: expect.stringContaining(`this manifest was sealed at ${manifest.sealedAt}`),
      next: expect.stringContaining('somebody deleted the record'),
    })
  })

  test.each<[string, (packages: GenericPackages) => void]>([
    ['a file of another name', (packages) => packages.add(7, here, { name: 'manifest.json', text: documentText(manifest) })],
    ['a file in a folder', (packages) => packages.add(7, here, { name: 'notes/manifest.txt', text: documentText(manifest) })],
    ['other bytes than its name says', (packages) => packages.add(7, here, { name: fileOf('something'), text: 'something else' })],
    [
      'a second file of the first one’s name, with other bytes',
      (packages) => {
        packages.add(7, here, { name: fileOf('something'), text: 'something' })
        packages.add(7, here, { name: fileOf('something'), text: 'something else' })
      },
    ],
  ])('as %s is nobody’s seal: a person must investigate', async (_what, put) => {
    const { packages, job } = await project()
    put(packages)
    const before = JSON.stringify(packages.all)
    for (const attempt of [() => job().records.find('acme', '1.2.3'), () => job().records.record(manifest)])
      await expect(attempt()).rejects.toMatchObject({ name: 'GateError', code: 'gate/record' })
    expect(JSON.stringify(packages.all)).toBe(before)
  })

  test('as something that is no manifest is no seal', async () => {
    const { packages, job } = await project()
    packages.add(7, here, { name: fileOf('{}'), text: '{}' })
    await expect(job().records.find('acme', '1.2.3')).rejects.toMatchObject({
      code: 'gate/forged-record',
      message: expect.stringContaining('it is not a manifest, and somebody outside of the project’s pipelines'),
    })
  })

  test('and altered on the way is refused', async () => {
    const { server, job } = await project()
    await job().records.record(manifest)
    server.faults.add({ on: { path: /packages\/generic\// }, do: { serveOtherBytes: true } })
    await expect(job().records.find('acme', '1.2.3')).rejects.toMatchObject({ name: 'GateError', code: 'gate/record' })
  })

  test.each([
    ['reset', { reset: 'before-body' }],
    ['broken off', { truncateAnswer: 100 }],
    ['answered with 500', { answer: 500 }],
  ] as const)('is read again where the download is %s', async (_what, fault) => {
    const { server, job } = await project()
    await job().records.record(manifest)
    server.faults.add({ times: 2, on: { path: /packages\/generic\// }, do: fault })
    expect(await job().records.find('acme', '1.2.3')).toEqual(manifest)
  })

  test('is not "not sealed" while the list cannot be read', async () => {
    const { server, job } = await project()
    await job().records.record(manifest)
    server.faults.add({ times: 100, on: { path: /packages\?/ }, do: { answer: 500 } })
    await expect(job().records.find('acme', '1.2.3')).rejects.toMatchObject({ code: 'gitlab/unavailable' })
    server.faults.clear()
    server.faults.add({ times: 100, on: { path: /packages\?/ }, do: { answer: 200, body: { message: 'hello' } } })
    await expect(job().records.find('acme', '1.2.3')).rejects.toMatchObject({ code: 'gitlab/unexpected-answer' })
  })

  test('without end is not read without end', async () => {
    const { server, job } = await project()
    server.faults.add({
      times: 1000,
      on: { path: /packages\?/ },
      do: {
        answer: 200,
        headers: { link: '<https://gitlab.example/?page=2>; rel="next"' },
        body: [{ id: 1, name: 'other', version: '1', created_at: 'some day' }],
      },
    })
    await expect(job().records.find('acme', '1.2.3')).rejects.toMatchObject({ name: 'GateError', code: 'gate/endless-list' })
    expect(server.requests).toHaveLength(50)
  })
})

test('the token is over when the job is, and then nothing is recorded', async () => {
  const { jobs, packages, job } = await project()
  const { token, records } = job()
  jobs.end(token)
  await expect(records.record(manifest)).rejects.toMatchObject({ name: 'GateError', code: 'gate/records' })
  await expect(records.record(manifest)).rejects.toThrow(/^(?!.*glcbt-)/s)
  expect(packages.all).toEqual({})
})

test('notes of another sort keep apart from seals', async () => {
  const { packages, job } = await project()
  const { notes, records } = job()
  expect(await notes.keep('acme', '1.2.3', 'a note')).toBe('a note')
  expect(await notes.keep('acme', '1.2.3', 'another')).toBe('a note')
  expect(await records.find('acme', '1.2.3')).toBeUndefined()
  expect(Object.keys(packages.all)).toEqual(['notes.acme/1.2.3'])
})

describe('a record that another job has put there', () => {
  const mallory = { pipeline: 200, ref: { branch: 'topic' }, commit: 'd'.repeat(40), source: 'push', user: 'mallory' } as const
  const by = { ...mallory, project: { id: 7, path: 'acme/acme' } }
  const forged = documentText({ ...manifest, origin: { ...origin, pipeline: 90 } })
  const itself = documentText({ ...manifest, origin: { ...origin, pipeline: mallory.pipeline } })

  test.each([
    ['says that another pipeline sealed it', forged, 'it claims that pipeline 90 for tag v1.2.3 sealed this version'],
    ['says that its own pipeline sealed the tag', itself, 'it claims that pipeline 200 for tag v1.2.3 sealed this version'],
    ['is the very manifest', documentText(manifest), 'it claims that pipeline 100 for tag v1.2.3 sealed this version'],
    [
      'is a rehearsal’s',
      documentText({ ...manifest, origin: { ...origin, rehearsal: true } }),
      'it claims that a job without a pipeline sealed',
    ],
  ])('and that %s is no seal: the advice names who did it, and publishes nothing', async (_what, text, said) => {
    const { packages, job } = await project()
    const { id } = packages.add(7, here, { name: fileOf(text), text, by })
    const { records } = job()
    for (const attempt of [() => records.find('acme', '1.2.3'), () => recordSeal(manifest, records)]) {
      const refused = await attempt().catch((error: unknown) => error)
      expect(refused).toMatchObject({ name: 'GateError', code: 'gate/forged-record', what: expect.stringContaining(said) })
      expect(String(refused)).toContain('pipeline 200 of mallory for topic at 2026-01-31T12:00:00.000Z put it there')
      expect(String(refused)).toContain(`A maintainer must delete file ${id} of ${name} 1.2.3`)
      expect(String(refused)).not.toContain('from its own pipeline')
    }
  })

  test('by a job of another project is no seal', async () => {
    const { packages, job } = await project()
    const text = documentText(manifest)
    const { ref, pipeline, commit } = origin
    const of = { ref, pipeline, commit, source: 'push', user: 'mallory', project: { id: 8, path: 'mallory/acme' } }
    packages.add(7, here, { name: fileOf(text), text, by: of })
    await expect(job().records.find('acme', '1.2.3')).rejects.toMatchObject({ code: 'gate/forged-record' })
  })

  test('of the seal’s own pipeline counts: the message tells nobody to publish it', async () => {
    const { job } = await project()
    await job().records.record({ ...manifest, absent: [{ target: 'x', because: 'optional-not-staged' }] })
    const refused = await recordSeal(manifest, job().records).catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: 'gate/sealed-before', next: expect.stringContaining('The record is from this pipeline') })
    expect(String(refused)).not.toContain('from its own pipeline')
  })

  test('as a newer file of the seal’s name says which file to delete, and then all is well', async () => {
    const { packages, job } = await project()
    await job().records.record(manifest)
    const { id } = packages.add(7, here, { name: fileOf(documentText(manifest)), text: 'something else', by })
    const refused = await job()
      .records.find('acme', '1.2.3')
      .catch((error: unknown) => error)
    expect(refused).toMatchObject({ name: 'GateError', code: 'gate/record' })
    expect(String(refused)).toContain('a newer file with the same name hides the record; pipeline 200 of mallory for topic')
    expect(String(refused)).toContain(`A maintainer must delete file ${id} of ${name} 1.2.3`)
    packages.delete(name, '1.2.3', id)
    expect(await job().records.find('acme', '1.2.3')).toEqual(manifest)
  })

  test('as a newer file of the seal’s name and bytes changes nothing', async () => {
    const { packages, job } = await project()
    await job().records.record(manifest)
    packages.add(7, here, { name: fileOf(documentText(manifest)), text: documentText(manifest), by })
    expect(await job().records.find('acme', '1.2.3')).toEqual(manifest)
  })
})

test('a hidden record is there: it is neither "not sealed" nor sealed again, and the advice shows it', async () => {
  const { packages, server, job } = await project()
  await job().records.record(manifest)
  const { token } = job(200)
  const put = async (file: string, status: string) => {
    const url = `${server.url}/api/v4/projects/7/packages/generic/${at}/${file}?status=${status}`
    return (await fetch(url, { method: 'PUT', body: 'x', headers: { 'job-token': token } })).status
  }
  expect(await put('hide.txt', 'hidden')).toBe(201)
  for (const attempt of [() => job().records.find('acme', '1.2.3'), () => job().records.record(ofPipeline(101))]) {
    const refused = await attempt().catch((error: unknown) => error)
    expect(refused).toMatchObject({ name: 'GateError', code: 'gate/hidden-record' })
    expect(String(refused)).toContain(`/api/v4/projects/7/packages/generic/${at}/shown.txt?status=default`)
  }
  expect(packages.all[at]).toHaveLength(2)
  expect(await put('shown.txt', 'default')).toBe(201)
  expect(await job().records.find('acme', '1.2.3')).toEqual(manifest)
})

test('a note of another pipeline counts for nothing, and blocks', async () => {
  const { packages, job } = await project()
  await job(200).notes.keep('acme', '0.json', 'started')
  const refused = await job()
    .notes.find('acme', '0.json')
    .catch((error: unknown) => error)
  expect(refused).toMatchObject({ name: 'GateError', code: 'gate/foreign-note' })
  expect(String(refused)).toContain('this note was not written by a job of pipeline 100, but by pipeline 200 of ada for v1.2.3')
  await expect(job().notes.keep('acme', '0.json', 'starting')).rejects.toMatchObject({ code: 'gate/foreign-note' })
  packages.delete('notes.acme', '0.json')
  expect(await job().notes.keep('acme', '0.json', 'starting')).toBe('starting')
})
