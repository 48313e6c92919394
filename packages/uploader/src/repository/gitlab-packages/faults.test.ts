import type { Verdict } from '@stagegate/schema'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { contentOf, sampleBytes } from '../../testing/fixtures.js'
import type { Fault, Misbehaviour } from '../../testing/server/faults.js'
import { PackageReleases, type Process } from '../../testing/transfer/package-releases.js'

/*
 * A file on its way to generic packages, with each fault at each kind of request, once and for as long as the run takes. Afterwards the
 * trouble is over, and a second run finishes what is missing.
 */

let gitlab: PackageReleases
beforeAll(async () => {
  gitlab = await PackageReleases.start()
})
afterAll(() => gitlab.close())
afterEach(() => gitlab.server.faults.clear())

type Verdicts = readonly [once: Verdict, always: Verdict]
/** Asked again, it is right; if not, it is not known. */
const usual: Verdicts = ['published', 'undetermined']
const [published, failed, conflict, undetermined] = (['published', 'failed', 'conflict', 'undetermined'] as const).map(
  (one): Verdicts => [one, one],
) as [Verdicts, Verdicts, Verdicts, Verdicts]
const all = (names: readonly FaultName[], verdicts: Verdicts) => Object.fromEntries(names.map((name) => [name, verdicts]))

const answers = {
  'a lost answer': { commitThenReset: true },
  'half an answer': { truncateAnswer: 3 },
  'a page to sign in': { answer: 200, headers: { 'content-type': 'text/html' }, body: '<!DOCTYPE html><title>Sign in</title>' },
  'an empty list': { answer: 200, body: [] },
  'a redirect elsewhere': { answer: 302, headers: { location: 'https://127.0.0.1:1/x' } },
  '401': { answer: 401 },
  '403': { answer: 403 },
  '404': { answer: 404 },
  '429': { answer: 429 },
  '429 and a time': { answer: 429, headers: { 'retry-after': '7' } },
  '500': { answer: 500 },
  '503 and a time': { answer: 503, headers: { 'retry-after': '7' } },
} as const satisfies Readonly<Record<string, Misbehaviour>>
const uploads = {
  'a reset before the body': { reset: 'before-body' },
  'a reset in the body': { reset: { afterBytes: 1000 } },
  'a reset after the body': { reset: 'after-body' },
  '500 after it was kept': { commitThenAnswer: 500 },
  'a duplicate after it was kept': { commitThenAnswer: 400, body: { message: '400 Bad request - Duplicate package is not allowed' } },
  'nothing kept': { acceptAndForget: true },
  'another name': { storeAs: 'other.tar.gz' },
  'other bytes kept': { storeOtherBytes: true },
} as const satisfies Readonly<Record<string, Misbehaviour>>
/** For questions that are asked as another one is. */
const few = pick('a lost answer', 'a page to sign in', 'an empty list', '401', '404', '429 and a time')
type FaultName = keyof typeof answers | keyof typeof uploads

function pick<N extends keyof typeof answers>(...names: readonly N[]): Readonly<Partial<Record<FaultName, Misbehaviour>>> {
  return Object.fromEntries(names.map((name) => [name, answers[name]]))
}

interface Kind {
  readonly on: NonNullable<Fault['on']>
  readonly role?: Process['role']
  readonly faults: Readonly<Partial<Record<FaultName, Misbehaviour>>>
  /** By fault. @default `usual` */
  readonly comesTo: Readonly<Partial<Record<FaultName, Verdicts>>>
}
const get = { method: 'GET' }
const kinds: Readonly<Record<string, Kind>> = {
  'the list of packages': {
    on: { ...get, path: /packages\?/ },
    faults: answers,
    comesTo: { ...all(['401', '403', '404'], failed), 'an empty list': published },
  },
  'the list of files': {
    on: { ...get, path: /package_files/ },
    faults: few,
    // A package without that file on its list is asked for the file by its name.
    comesTo: { ...all(['404', 'an empty list'], published) },
  },
  'the question by name': {
    on: { ...get, path: /\/generic\// },
    faults: answers,
    // Users, too, would get the page for the file.
    comesTo: {
      '403': failed,
      ...all(['404', 'half an answer'], published),
      ...all(['a page to sign in', 'an empty list'], ['published', 'conflict']),
    },
  },
  'the upload': {
    on: { method: 'PUT' },
    faults: { ...answers, ...uploads },
    comesTo: {
      '404': failed,
      ...all(['a lost answer', 'half an answer', '500 after it was kept'], published),
      'a duplicate after it was kept': ['already-public', 'already-public'],
      ...all(['nothing kept', 'another name'], undetermined),
      'other bytes kept': conflict,
    },
  },
  'the question whether the packages are private': {
    on: { ...get, path: /package_name=-&/ },
    role: 'staging',
    faults: few,
    // Nobody but members gets an answer; a list for everybody means that they are public.
    comesTo: { ...all(['401', '404'], published), 'an empty list': failed },
  },
}

let files = 0
const data = sampleBytes(70_000)
const right = contentOf(data).sha256

/** Statement 4: with the trouble over, a run sends what is missing and nothing else. */
async function endsWell(path: string, role: Process['role']): Promise<void> {
  gitlab.server.faults.clear()
  if (gitlab.digests(path, role).some((digest) => digest !== right)) {
    expect(await gitlab.release({ [path]: data }, { role })).toMatchObject({ verdicts: ['conflict'], uploads: 0 })
    gitlab.deleteOthers(path, data, role)
  }
  const isThere = gitlab.digests(path, role).length > 0
  expect(await gitlab.release({ [path]: data }, { role })).toMatchObject(
    isThere ? { verdicts: ['already-public'], uploads: 0 } : { verdicts: ['published'], uploads: 1 },
  )
  expect(gitlab.digests(path, role)).toEqual([right])
}

describe.each(Object.entries(kinds))('%s', (_, { on, role, faults, comesTo }) => {
  const rows = Object.entries(faults).map(([name, fault]) => [name, comesTo[name as FaultName] ?? usual, fault] as const)

  test.each(rows)('statements 1, 3, 4: %s comes to %j once and always, and a second run ends well', async (_, verdicts, fault) => {
    for (const [index, times] of [1, Number.POSITIVE_INFINITY].entries()) {
      // Trouble that does no harm for long does none once.
      if (times === 1 && verdicts[1] === 'published') continue
      const path = `hello/1.0.${++files}/hello.tar.gz`
      gitlab.server.faults.add({ on, times, do: fault })
      const { outcomes, asked } = await gitlab.release({ [path]: data }, { role })
      const [outcome] = outcomes
      const because = `${times === 1 ? 'once' : 'always'}: ${outcome?.problem?.message}`
      expect(outcome?.verdict, because).toBe(verdicts[index])
      const there = gitlab.digests(path, role)
      if (outcome?.verdict === 'published') expect(there, because).toEqual([right])
      expect(there.length, because).toBeLessThanOrEqual(1)
      expect(asked.length, because).toBeLessThan(30)
      await endsWell(path, role)
    }
  })
})
