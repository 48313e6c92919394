import type { Verdict } from '@stagegate/schema'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { contentOf, sampleBytes } from '../../testing/fixtures.js'
import type { Fault, Misbehaviour } from '../../testing/server/faults.js'
import { BucketReleases, type Process } from '../../testing/transfer/bucket-releases.js'

/*
 * A file on its way to a bucket, with each fault at each kind of request, once and for as long as the run takes. Afterwards the trouble is
 * over, and a second run finishes what is missing.
 */

let bucket: BucketReleases
beforeAll(async () => {
  bucket = await BucketReleases.start()
})
afterAll(() => bucket.close())
afterEach(() => bucket.server.faults.clear())

type Verdicts = readonly [once: Verdict, always: Verdict]
/** Asked again, it is right; if not, it is not known. */
const usual: Verdicts = ['published', 'undetermined']
const [published, failed, conflict, undetermined] = (['published', 'failed', 'conflict', 'undetermined'] as const).map(
  (one): Verdicts => [one, one],
) as [Verdicts, Verdicts, Verdicts, Verdicts]
const all = (names: readonly FaultName[], verdicts: Verdicts) => Object.fromEntries(names.map((name) => [name, verdicts]))

const said = (code: string) => `<?xml version="1.0"?><Error><Code>${code}</Code><Message>No.</Message></Error>`
const answers = {
  'a lost answer': { commitThenReset: true },
  'a page to sign in': { answer: 200, headers: { 'content-type': 'text/html' }, body: '<!DOCTYPE html><title>Sign in</title>' },
  'a redirect elsewhere': { answer: 302, headers: { location: 'https://127.0.0.1:1/x' } },
  'another region elsewhere': { answer: 301, headers: { 'x-amz-bucket-region': 'ap-south-1' } },
  '400': { answer: 400 },
  '401': { answer: 401 },
  '403': { answer: 403, body: said('AccessDenied') },
  'a session that is over': { answer: 400, body: said('ExpiredToken') },
  '404': { answer: 404 },
  '404 of the bucket': { answer: 404, body: said('NoSuchBucket') },
  '405': { answer: 405 },
  '409': { answer: 409, body: said('ConditionalRequestConflict') },
  '412': { answer: 412, body: said('PreconditionFailed') },
  '429 and a time': { answer: 429, headers: { 'retry-after': '7' } },
  '500': { answer: 500 },
  '501': { answer: 501, body: said('NotImplemented') },
  '503 and a time': { answer: 503, headers: { 'retry-after': '7' }, body: said('SlowDown') },
} as const satisfies Readonly<Record<string, Misbehaviour>>
const uploads = {
  'a reset before the body': { reset: 'before-body' },
  'a reset in the body': { reset: { afterBytes: 1000 } },
  'a reset after the body': { reset: 'after-body' },
  '500 after it was kept': { commitThenAnswer: 500 },
  '412 after it was kept': { commitThenAnswer: 412 },
  'an error in 200 after it was kept': { commitThenAnswer: 200, body: said('InternalError') },
  'nothing kept': { acceptAndForget: true },
  'another name': { storeAs: 'linux/other.tar.gz' },
  'other bytes kept': { storeOtherBytes: true },
  'bytes that came otherwise': { answer: 400, body: said('BadDigest') },
  'too large': { answer: 413 },
} as const satisfies Readonly<Record<string, Misbehaviour>>
type FaultName = keyof typeof answers | keyof typeof uploads

interface Kind {
  readonly on: NonNullable<Fault['on']>
  readonly role?: Process['role']
  readonly faults: Readonly<Partial<Record<FaultName, Misbehaviour>>>
  /** By fault. @default `usual` */
  readonly comesTo: Readonly<Partial<Record<FaultName, Verdicts>>>
}
/** They are final: a person has to look. */
const refused = ['401', '403', '404 of the bucket', '405', '501'] as const
const kinds: Readonly<Record<string, Kind>> = {
  // Whatever a HEAD is answered, the same is asked once more by a GET, which says why.
  'the look': {
    on: { method: 'HEAD', path: /hello/ },
    faults: answers,
    comesTo: Object.fromEntries(
      Object.keys(answers)
        .filter((name) => !['a lost answer', 'a page to sign in', '429 and a time', '503 and a time'].includes(name))
        .map((name) => [name, published]),
    ),
  },
  'the look that says why': {
    on: { method: 'GET', path: /hello/ },
    faults: answers,
    // Every look after the upload sees it by the HEAD, so that trouble which lasts does not hinder what came through.
    comesTo: { ...all(refused, failed), 'another region elsewhere': ['published', 'failed'] },
  },
  'the upload': {
    on: { method: 'PUT', path: /hello/ },
    faults: { ...answers, ...uploads },
    comesTo: {
      ...all(refused, failed),
      ...all(['a lost answer', '500 after it was kept', 'an error in 200 after it was kept'], published),
      '412 after it was kept': ['already-public', 'already-public'],
      '412': undetermined,
      ...all(['nothing kept', 'another name'], undetermined),
      'other bytes kept': conflict,
      'too large': failed,
    },
  },
  'the trial of the server': {
    on: { method: 'PUT', path: /probe$/ },
    faults: answers,
    comesTo: { ...all(refused, failed), 'another region elsewhere': ['published', 'failed'], '412': published },
  },
  'the look whether it is private': {
    on: { method: 'GET', path: /probe$/ },
    role: 'staging',
    faults: {
      'a lost answer': answers['a lost answer'],
      '401': answers['401'],
      '403': answers['403'],
      '404': answers['404'],
      '500': answers['500'],
      'a page to sign in': answers['a page to sign in'],
    },
    comesTo: { ...all(['401', '403'], published), 'a page to sign in': failed },
  },
}

let files = 0
const data = sampleBytes(70_000)
const right = contentOf(data).sha256

/** Statement 4: with the trouble over, a run sends what is missing and nothing else. */
async function endsWell(path: string, role: Process['role']): Promise<void> {
  bucket.server.faults.clear()
  const there = bucket.digest(path)
  if (there !== undefined && there !== right) {
    expect(await bucket.release({ [path]: data }, { role })).toMatchObject({ verdicts: ['conflict'], uploads: 0 })
    bucket.delete(path)
  }
  const isThere = bucket.digest(path) === right
  expect(await bucket.release({ [path]: data }, { role })).toMatchObject(
    isThere ? { verdicts: ['already-public'], uploads: 0 } : { verdicts: ['published'], uploads: 1 },
  )
  expect(bucket.digest(path)).toBe(right)
}

describe.each(Object.entries(kinds))('%s', (_, { on, role, faults, comesTo }) => {
  const rows = Object.entries(faults).map(([name, fault]) => [name, comesTo[name as FaultName] ?? usual, fault] as const)

  test.each(rows)('statements 1, 3, 4: %s comes to %j once and always, and a second run ends well', async (_, verdicts, fault) => {
    for (const [index, times] of [1, Number.POSITIVE_INFINITY].entries()) {
      const path = `hello/1.0.${++files}/hello.tar.gz`
      bucket.server.faults.add({ on, times, do: fault })
      const { outcomes, asked } = await bucket.release({ [path]: data }, { role })
      const [outcome] = outcomes
      const because = `${times === 1 ? 'once' : 'always'}: ${outcome?.problem?.message}`
      expect(outcome?.verdict, because).toBe(verdicts[index])
      if (outcome?.verdict === 'published') expect(bucket.digest(path), because).toBe(right)
      expect(asked.length, because).toBeLessThan(30)
      await endsWell(path, role)
    }
  })
})
