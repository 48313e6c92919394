import { bytes } from '@stagegate/schema'
import type { TransferEvent } from '@stagegate/uploader'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Form } from './form.js'
import { stagingWords } from './outcome.js'
import { eventOf, mirror, other, outcomeOf, packageFor, sealed, stable, start } from './testing/outcomes.js'
import { TransferLog, type TransferLogOptions } from './transfer-log.js'

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse(start) })
})
afterEach(() => {
  vi.useRealTimers()
})

/** The log of these events, as `line` or `. detail`; a number is so many milliseconds. */
function logOf(
  happenings: readonly (TransferEvent | number)[],
  { form: overrides, ...rest }: Partial<Omit<TransferLogOptions, 'form'>> & { readonly form?: Partial<Form> } = {},
): readonly string[] {
  const said: string[] = []
  const form: Form = {
    line: (text) => said.push(text),
    detail: (text) => said.push(`. ${text}`),
    folds: false,
    live: undefined,
    close: () => undefined,
  }
  const log = new TransferLog({ form: { ...form, ...overrides }, total: 3, ...rest })
  onTestFinished(() => log.close())
  for (const happening of happenings) {
    if (typeof happening === 'number') vi.advanceTimersByTime(happening)
    else log.onEvent(happening)
  }
  return said
}

const verdict = (...[overrides]: Parameters<typeof outcomeOf>) => eventOf({ event: 'verdict', outcome: outcomeOf(overrides) })
const mebibytes = (count: number) => bytes(count * 2 ** 20)
const progress = (count: number, destinations = [stable, mirror]) => eventOf({ event: 'progress', destinations, bytes: mebibytes(count) })
const because = (message: string) => ({ code: 'test', message })

describe('a verdict is a line', () => {
  test.each<[string, Parameters<typeof outcomeOf>[0], readonly string[]]>([
    ['published', {}, ['published       acme_1.2.3_amd64.deb for ubuntu/jammy -> stable  100.0 MiB sent in 8.0 s, 12.5 MiB/s']],
    ['copied by the server itself', { bytesSent: bytes(0) }, ['published       acme_1.2.3_amd64.deb for ubuntu/jammy -> stable']],
    [
      'already there',
      { verdict: 'already-public', bytesSent: bytes(0) },
      ['already-public  acme_1.2.3_amd64.deb for ubuntu/jammy -> stable'],
    ],
    [
      'a conflict',
      { verdict: 'conflict', seen: other, bytesSent: bytes(0), problem: because('A different file is there under this name.') },
      [
        'conflict        acme_1.2.3_amd64.deb for ubuntu/jammy -> stable',
        `  sealed  sha256 ${sealed.sha256}`,
        `  public  sha256 ${other}`,
        '  A different file is there under this name.',
      ],
    ],
    [
      'sent again on the way',
      { bytesSent: mebibytes(140) },
      ['published       acme_1.2.3_amd64.deb for ubuntu/jammy -> stable  140.0 MiB sent in 8.0 s, 17.5 MiB/s'],
    ],
    [
      'broken off',
      { verdict: 'undetermined', bytesSent: mebibytes(3), problem: because('the connection broke\nRun it again.') },
      ['undetermined    acme_1.2.3_amd64.deb for ubuntu/jammy -> stable  3.0 MiB sent', '  the connection broke', '  Run it again.'],
    ],
    [
      'of a repository that hides why',
      {
        verdict: 'undetermined',
        bytesSent: bytes(0),
        problem: { ...because('fetch failed\nRun it again.'), causes: ['connect ECONNREFUSED 127.0.0.1:9', 'no route'] },
      },
      [
        'undetermined    acme_1.2.3_amd64.deb for ubuntu/jammy -> stable',
        '  fetch failed',
        '  caused by: connect ECONNREFUSED 127.0.0.1:9; no route',
        '  Run it again.',
      ],
    ],
    [
      'advisory',
      { verdict: 'failed', bytesSent: bytes(0), destination: { repository: 'mirror', advisory: true } },
      ['failed          acme_1.2.3_amd64.deb for ubuntu/jammy -> mirror  (advisory)'],
    ],
    [
      'an image, and what became of its tags',
      {
        bytesSent: bytes(0),
        coordinates: { format: 'image', image: 'acme/hello', tag: '1.2.3' },
        image: {
          blobs: { moved: 0, mounted: 2, present: 0 },
          leftOut: [other],
          tags: [
            { tag: '1.2.3', before: null, after: sealed.sha256 },
            { tag: '1.2', before: other, after: sealed.sha256 },
            { tag: '1', before: null, after: sealed.sha256 },
            { tag: 'stable', before: sealed.sha256, after: sealed.sha256 },
            { tag: 'latest', before: other, after: other, because: '1.3.0 is newer' },
            { tag: 'edge', before: sealed.sha256, after: other, because: '1.3.0 is newer' },
          ],
        },
      },
      [
        'published       acme/hello:1.2.3 -> stable',
        `  1.2 was moved here from sha256:${other.slice(0, 12)}`,
        '  1 was set',
        '  latest was not moved: 1.3.0 is newer',
        '  edge was moved: 1.3.0 is newer',
        `  left out: sha256:${other.slice(0, 12)}, which staging lists as attached but no longer has`,
      ],
    ],
  ])('%s', (_what, outcome, lines) => {
    expect(logOf([verdict(outcome)])).toEqual(lines)
  })

  test('a reason that several in a row share is printed once, and the others point to it', () => {
    const stopped = (distribution: string) =>
      verdict({
        verdict: 'undetermined',
        bytesSent: bytes(0),
        coordinates: packageFor(distribution),
        problem: because('stopped by SIGTERM'),
      })
    const lines = logOf([
      stopped('a/1'),
      verdict(),
      stopped('b/2'),
      stopped('c/3'),
      verdict({ verdict: 'failed', problem: because('forbidden') }),
      stopped('d/4'),
    ])
    expect(lines.filter((line) => line.startsWith('  '))).toEqual(['  stopped by SIGTERM', '  forbidden', '  stopped by SIGTERM'])
    expect(lines).toHaveLength(9)
    const pointing = lines.filter((line) => line.endsWith('  (same reason as above)'))
    expect(pointing).toEqual([expect.stringContaining('for b/2'), expect.stringContaining('for c/3')])
  })

  test('in staging’s words, where nothing is sealed or public yet', () => {
    const conflict = { verdict: 'conflict', seen: other, bytesSent: bytes(0) } as const
    expect(logOf([verdict(conflict)], { words: stagingWords })).toEqual([
      'conflict        acme_1.2.3_amd64.deb for ubuntu/jammy -> stable',
      `  built       sha256 ${sealed.sha256}`,
      `  in staging  sha256 ${other}`,
    ])
    expect(logOf([verdict()], { words: stagingWords })).toEqual([expect.stringMatching(/^staged {10}acme_/)])
  })
})

describe('details say what went on', () => {
  test('waits are logged with their reason, a host’s each time and a destination’s own only once', () => {
    const host = 'https://packages.example'
    const waiting = (milliseconds: number, of?: string) =>
      eventOf({ event: 'waiting', destination: stable, ...(of && { host: of }), milliseconds, because: because('asked too often\nwait') })
    expect(logOf([waiting(999), waiting(28_000, host), waiting(2000, host), waiting(2000), waiting(4000), 10_000, waiting(8000)])).toEqual([
      '. waiting 28 s for https://packages.example: asked too often',
      '. waiting 2.0 s for https://packages.example: asked too often',
      '. acme_1.2.3_amd64.deb for ubuntu/jammy -> stable: checking again: asked too often',
      '. acme_1.2.3_amd64.deb for ubuntu/jammy -> stable: checking again: asked too often',
    ])
  })

  test('a wait names the address that it is for once', () => {
    const host = 'https://packages.example'
    const waiting = (message: string) =>
      eventOf({ event: 'waiting', destination: stable, host, milliseconds: 3000, because: because(message) })
    const said = [`${host}/api/v1/search.json: the server answered 503`, `POST ${host}/v2/: it broke`, `${host}: it asks for time`, 'busy']
    expect(logOf(said.map(waiting))).toEqual([
      `. waiting 3.0 s for ${host}: /api/v1/search.json: the server answered 503`,
      `. waiting 3.0 s for ${host}: POST /v2/: it broke`,
      `. waiting 3.0 s for ${host}: it asks for time`,
      `. waiting 3.0 s for ${host}: busy`,
    ])
  })

  test('where they are folded away, a line now and then says what is under way', () => {
    const started = eventOf({ event: 'started', destinations: [stable] })
    const steady = (from: number, count: number) =>
      Array.from({ length: count }, (_, at) => [1000, progress(from + at + 1, [stable])]).flat()
    const wait = eventOf({ event: 'waiting', destination: stable, milliseconds: 30_000, because: because('busy') })
    const happenings = [started, ...steady(0, 60), verdict(), 200_000, wait, 20_000, 60_000]
    const inSight = (options: Parameters<typeof logOf>[1]) => logOf(happenings, options).filter((line) => !line.startsWith('.'))
    expect(inSight({ form: { folds: true } })).toEqual([
      'under way       0 of 3 done | acme_1.2.3_amd64.deb -> stable 14.0 MiB of 100.0 MiB, 1.0 MiB/s, 1 min 32 s left',
      'under way       0 of 3 done | acme_1.2.3_amd64.deb -> stable 44.0 MiB of 100.0 MiB, 1.0 MiB/s, 57 s left',
      expect.stringMatching(/^published /),
      'under way       1 of 3 done | waiting 29 s for acme_1.2.3_amd64.deb for ubuntu/jammy -> stable: busy',
    ])
    expect(inSight({})).toHaveLength(1)
  })

  test('problems on the way are logged, and bytes that are sent again', () => {
    const started = eventOf({ event: 'started', destinations: [stable, mirror] })
    expect(
      logOf([
        eventOf({ event: 'observed', destination: stable, state: 'absent' }),
        started,
        eventOf({ event: 'left-behind', destination: mirror }),
        eventOf({ event: 'written', destination: mirror, answer: 'ambiguous', because: because('it broke') }),
        eventOf({ event: 'written', destination: stable, answer: 'accepted' }),
        eventOf({ event: 'source-failed', because: because('staging is away') }),
        eventOf({ event: 'started', destinations: [mirror] }),
        eventOf({ event: 'written', destination: mirror, answer: 'put-off', because: because('later') }),
      ]),
    ).toEqual([
      '. acme_1.2.3_amd64.deb for ubuntu/jammy -> mirror: accepts no data; the others continue without it, and it is sent again separately',
      '. acme_1.2.3_amd64.deb for ubuntu/jammy -> mirror: no clear answer: it broke',
      '. acme_1.2.3_amd64.deb for ubuntu/jammy: could not be read: staging is away',
      '. acme_1.2.3_amd64.deb for ubuntu/jammy -> mirror: sending it again',
    ])
  })

  test('a host that is given up is no detail', () => {
    expect(
      logOf([eventOf({ event: 'given-up', host: 'https://x.example', because: because('https://x.example: no good answer\nnext') })]),
    ).toEqual(['given up        https://x.example: no good answer'])
  })

  test('a long transfer logs its progress, rate and remaining time every ten seconds', () => {
    const started = eventOf({ event: 'started', destinations: [stable, mirror] })
    const steady = Array.from({ length: 25 }, (_, index) => [1000, progress(index + 1)]).flat()
    expect(logOf([started, ...steady])).toEqual([
      // What comes in the tenth second is told a moment later.
      '. acme_1.2.3_amd64.deb for ubuntu/jammy -> stable, mirror: 9.0 MiB of 100.0 MiB, 921.6 KiB/s, 1 min 41 s left',
      '. acme_1.2.3_amd64.deb for ubuntu/jammy -> stable, mirror: 19.0 MiB of 100.0 MiB, 1.0 MiB/s, 1 min 25 s left',
    ])
  })

  test('the rate is that of the last moments: what has stopped says so, and what goes on again soon has its new rate; the time left follows more slowly', () => {
    const started = eventOf({ event: 'started', destinations: [stable] })
    const fast = Array.from({ length: 10 }, (_, index) => [500, progress((index + 1) * 5, [stable])]).flat()
    const slow = Array.from({ length: 15 }, (_, index) => [1000, progress(50 + index + 1, [stable])]).flat()
    expect(logOf([started, ...fast, 25_000, ...slow]).map((line) => line.replace(/^.*stable: /, ''))).toEqual([
      '50.0 MiB of 100.0 MiB, 5.0 MiB/s, 10 s left',
      '50.0 MiB of 100.0 MiB, nothing moves',
      '50.0 MiB of 100.0 MiB, nothing moves',
      '59.0 MiB of 100.0 MiB, 921.6 KiB/s, 28 s left',
    ])
  })

  test('a destination that is no longer served is no longer logged', () => {
    const started = eventOf({ event: 'started', destinations: [stable, mirror] })
    const written = (destination: typeof stable) => eventOf({ event: 'written', destination, answer: 'accepted' })
    const lines = logOf([started, progress(50), written(mirror), 10_000, written(stable), 30_000])
    expect(lines).toEqual(['. acme_1.2.3_amd64.deb for ubuntu/jammy -> stable: 50.0 MiB of 100.0 MiB, 5.0 MiB/s, 10 s left'])
  })

  test('an image tells of all its layers, until its verdict', () => {
    const layers = (count: number) => eventOf({ event: 'progress', destinations: [stable], bytes: mebibytes(count), of: mebibytes(400) })
    const lines = logOf([layers(10), 5000, layers(60), 6000, verdict(), 20_000])
    expect(lines).toHaveLength(2)
    expect(lines[0]).toMatch(/: 60\.0 MiB of 400\.0 MiB, 6\.0 MiB\/s, 57 s left$/)
  })

  test('where looks are counted, it says now and then how many have been done', () => {
    const observed = eventOf({ event: 'observed', destination: stable, state: 'absent' })
    expect(logOf([observed, 5000, observed, 5000, 20_000, observed, 1000], { counts: 'observed', total: 200 })).toEqual([
      '. 2 of 200 checked',
      '. 3 of 200 checked',
    ])
  })
})

test('after a stop, only the outcomes are logged', () => {
  const said: string[] = []
  const log = new TransferLog({
    form: {
      line: (text) => said.push(text),
      detail: (text) => said.push(`. ${text}`),
      folds: true,
      live: undefined,
      close: () => said.push('closed'),
    },
    total: 1,
  })
  log.onEvent(eventOf({ event: 'started', destinations: [stable] }))
  log.stopping('Stopped by SIGTERM')
  log.onEvent(eventOf({ event: 'written', destination: stable, answer: 'ambiguous', because: because('stopped by SIGTERM') }))
  log.onEvent(verdict({ verdict: 'undetermined', bytesSent: mebibytes(1), problem: because('stopped by SIGTERM') }))
  vi.advanceTimersByTime(60_000)
  log.close()
  expect(said).toEqual([
    'Stopped by SIGTERM: transfers under way are being stopped.',
    'undetermined    acme_1.2.3_amd64.deb for ubuntu/jammy -> stable  1.0 MiB sent',
    '  stopped by SIGTERM',
    'closed',
  ])
  expect(vi.getTimerCount()).toBe(0)
})

test('work in progress is shown in place if the form can do that', () => {
  const shown: string[] = []
  const log = new TransferLog({
    form: { line: () => undefined, detail: () => undefined, folds: false, live: (text) => shown.push(text), close: () => undefined },
    total: 3,
  })
  onTestFinished(() => log.close())
  const look = () => {
    vi.advanceTimersByTime(200)
    return shown.at(-1)
  }
  expect(look()).toBe('0 of 3 done')
  log.onEvent(eventOf({ event: 'started', destinations: [stable] }))
  vi.advanceTimersByTime(1800)
  log.onEvent(progress(20, [stable]))
  expect(look()).toBe('0 of 3 done | acme_1.2.3_amd64.deb -> stable 20.0 MiB of 100.0 MiB, 10.0 MiB/s, 8.0 s left')
  log.onEvent(eventOf({ event: 'started', destinations: [stable] }, 'debian/bookworm'))
  expect(look()).toMatch(/^0 of 3 done \| 2 artifacts -> stable 20\.0 MiB of 200\.0 MiB, /)
  log.onEvent(verdict())
  log.onEvent(eventOf({ event: 'verdict', outcome: outcomeOf({ coordinates: packageFor('debian/bookworm') }) }, 'debian/bookworm'))
  const host = 'https://packages.example'
  log.onEvent(eventOf({ event: 'waiting', destination: stable, milliseconds: 1000, because: because('not listed') }))
  log.onEvent(eventOf({ event: 'waiting', destination: stable, host, milliseconds: 5200, because: because('busy') }))
  expect(look()).toBe('2 of 3 done | waiting 5.0 s for https://packages.example: busy')
  log.onEvent(eventOf({ event: 'given-up', host, because: because('too long') }))
  expect(look()).toBe('2 of 3 done | waiting 0.6 s for acme_1.2.3_amd64.deb for ubuntu/jammy -> stable: not listed')
  vi.advanceTimersByTime(1000)
  expect(look()).toBe('2 of 3 done')
})

test('a wait names its cause on the same line, and two causes of one message are two reasons', () => {
  const failed = (cause: string) => ({ ...because('fetch failed'), causes: [cause] })
  const waiting = (cause: string) => eventOf({ event: 'waiting', destination: stable, milliseconds: 2000, because: failed(cause) })
  expect(logOf([waiting('ECONNREFUSED')])).toEqual([expect.stringMatching(/checking again: fetch failed \(ECONNREFUSED\)$/)])
  const undetermined = (cause: string) => verdict({ verdict: 'undetermined', problem: failed(cause) })
  const said = logOf([undetermined('ECONNREFUSED'), undetermined('ECONNREFUSED'), undetermined('CERT_HAS_EXPIRED')])
  expect(said.filter((line) => line.includes('caused by'))).toEqual(['  caused by: ECONNREFUSED', '  caused by: CERT_HAS_EXPIRED'])
})
