import { bytes, instant, later, sha256, type Verdict } from '@stagegate/schema'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { afterLook, type Decision, type DecisionLimits, decide, type History, judge, type Staged, type State, untried } from './decide.js'

const limits: DecisionLimits = { looks: 5, putOffs: 10, longestPutOff: 900_000, sends: 3, looksAfterAmbiguous: 2 }
const now = instant(Date.parse('2026-01-31T12:00:00.000Z'))
const because = { code: 'test', message: 'no answer' }

const absent: State = { is: 'absent' }
const same: State = { is: 'same', location: 'there' }
const different: State = { is: 'different', location: 'there', sha256: sha256('d'.repeat(64)), size: undefined }
const unknown: State = { is: 'unknown', because, final: false }
const hopeless: State = { is: 'unknown', because, final: true }
const putOffAs = { is: 'unknown', because, final: false, putOff: true } as const
const putOff: State = { ...putOffAs, until: later(now, 900) }
const putOffVaguely: State = putOffAs
const putOffTooLong: State = { ...putOffAs, until: later(now, 901) }
const busy: State = { is: 'unknown', because, final: false, until: later(now, 2) }

const history = (lastWrite: History['lastWrite'], more: Partial<History> = {}): History => ({
  ...untried,
  lastWrite,
  sends: lastWrite === undefined ? 0 : 1,
  looksSince: 1,
  confirmBy: lastWrite === undefined ? undefined : later(now, 60),
  ...more,
})
const over = { confirmBy: now }

const copy: Decision = { do: 'copy' }
const look = (attempt: number): Decision => ({ do: 'look', attempt })
const stop = (verdict: Verdict): Decision => ({ do: 'stop', verdict })
const staged: readonly Staged[] = ['unread', 'right', 'wrong', 'gone', 'refused', 'silent']
const writes: readonly History['lastWrite'][] = [undefined, 'accepted', 'exists', 'refused', 'ambiguous', 'no-room']

/** What `unread`, `right`, `wrong`, `gone`, `refused` and `silent` come to, for what is absent. */
type Six = readonly [Decision, Decision, Decision, Decision, Decision, Decision]
const sendable = (decision: Decision): Six => [decision, decision, stop('tampered'), stop('missing'), stop('failed'), stop('undetermined')]
const always = (decision: Decision): Six => [decision, decision, decision, decision, decision, decision]

type Row = [state: string, after: string, State, History, Six]

describe('the whole table', () => {
  test.each<Row>([
    ['absent', 'nothing', absent, history(undefined), sendable(copy)],
    ['absent', 'an accepted write', absent, history('accepted'), always(look(1))],
    ['absent', 'an accepted write, too late', absent, history('accepted', over), always(stop('undetermined'))],
    ['absent', 'an accepted write, without a time', absent, history('accepted', { confirmBy: undefined }), always(stop('undetermined'))],
    ['absent', '"exists"', absent, history('exists'), sendable(look(1))],
    ['absent', '"exists", too late', absent, history('exists', over), sendable(stop('undetermined'))],
    ['absent', 'a refusal', absent, history('refused'), sendable(stop('failed'))],
    ['absent', 'a write for which there was no room', absent, history('no-room'), sendable(stop('undetermined'))],
    ['absent', 'an ambiguous write, first look', absent, history('ambiguous'), sendable(look(1))],
    ['absent', 'an ambiguous write, second look', absent, history('ambiguous', { looksSince: 2 }), sendable(copy)],
    ['absent', 'the last of its sends', absent, history('ambiguous', { looksSince: 2, sends: 3 }), sendable(stop('undetermined'))],
    ['absent', 'too many wishes to be asked later', absent, history(undefined, { putOff: 10 }), sendable(stop('undetermined'))],
    ['same', 'nothing', same, history(undefined), always(stop('already-public'))],
    ['same', 'an accepted write', same, history('accepted'), always(stop('published'))],
    ['same', '"exists"', same, history('exists'), always(stop('already-public'))],
    ['same', 'a refusal', same, history('refused'), always(stop('already-public'))],
    ['same', 'a write whose disk failed after it', same, history('no-room'), always(stop('published'))],
    ['same', 'an ambiguous write', same, history('ambiguous'), always(stop('published'))],
    ...writes.map((write): Row => ['different', `${write}`, different, history(write), always(stop('conflict'))]),
    ...writes.map((write): Row => ['unknown', `${write}`, unknown, history(write, { unknown: 1 }), always(look(1))]),
    ...writes.map((write): Row => ['unknown', `${write}, once more`, unknown, history(write, { unknown: 4 }), always(look(4))]),
    ...writes.map(
      (write): Row => ['unknown', `${write}, too often`, unknown, history(write, { unknown: 5, ...over }), always(stop('undetermined'))],
    ),
    ['unknown', 'an accepted write, often, in time', unknown, history('accepted', { unknown: 5 }), always(look(5))],
    ['unknown', '"exists", too often, in time', unknown, history('exists', { unknown: 5 }), always(stop('undetermined'))],
    ['unknown', 'an ambiguous write, too often, in time', unknown, history('ambiguous', { unknown: 5 }), always(stop('undetermined'))],
    ...writes.map((write): Row => ['busy', `${write}`, busy, history(write, { unknown: 3 }), always(look(3))]),
    ...writes.map((write): Row => ['put off', `${write}`, putOff, history(write, { unknown: 5, putOff: 9 }), always(look(0))]),
    ...writes.map((write): Row => ['put off vaguely', `${write}`, putOffVaguely, history(write, { putOff: 9 }), always(look(9))]),
    ...writes.map((write): Row => ['put off', `${write}, too often`, putOff, history(write, { putOff: 10 }), always(stop('undetermined'))]),
    ...writes.map((write): Row => ['put off for too long', `${write}`, putOffTooLong, history(write), always(stop('undetermined'))]),
    ...writes.map((write): Row => ['hopeless', `${write}`, hopeless, history(write, { unknown: 1 }), always(stop('failed'))]),
  ])('%s after %s', (_state, _after, state, past, expected) => {
    expect(staged.map((one) => decide({ seen: state, staged: one, history: past }, limits, now))).toEqual(expected)
  })
})

test('a digest is judged alone, and a size is kept as evidence', () => {
  const expected = { sha256: sha256('a'.repeat(64)), size: bytes(3) }
  expect(judge('there', expected.sha256, undefined, expected)).toEqual({ is: 'same', location: 'there' })
  expect(judge('there', sha256('b'.repeat(64)), bytes(2), expected)).toEqual({
    is: 'different',
    location: 'there',
    sha256: 'b'.repeat(64),
    size: 2,
  })
})

const anyHistory: fc.Arbitrary<History> = fc.record({
  unknown: fc.nat(8),
  putOff: fc.nat(5),
  sends: fc.nat(5),
  lastWrite: fc.constantFrom(...writes),
  looksSince: fc.nat(5),
  confirmBy: fc.option(
    fc.integer({ min: -60, max: 60 }).map((by) => later(now, by)),
    { nil: undefined },
  ),
})
const anyStaged = fc.constantFrom(...staged)
const unclear = [unknown, hopeless, busy, putOff, putOffVaguely, putOffTooLong]
const anyState = fc.constantFrom(absent, same, different, ...unclear)
const anyLimits: fc.Arbitrary<DecisionLimits> = fc.record({
  looks: fc.integer({ min: 1, max: 6 }),
  putOffs: fc.integer({ min: 1, max: 6 }),
  longestPutOff: fc.nat(2000),
  sends: fc.integer({ min: 1, max: 4 }),
  looksAfterAmbiguous: fc.nat(4),
})

test.each<[name: string, seen: State, then: Partial<History>]>([
  ['absent counts as a look since the last write', absent, { unknown: 0, putOff: 3, looksSince: 2 }],
  ['what is there counts as none, and ends a row of unknown ones', same, { unknown: 0, putOff: 3, looksSince: 1 }],
  ['unknown counts as unknown', unknown, { unknown: 3, putOff: 3, looksSince: 1 }],
  ['being put off is no attempt', putOff, { unknown: 2, putOff: 4, looksSince: 1 }],
])('a look: %s', (_, seen, then) => {
  const before = history('accepted', { unknown: 2, putOff: 3 })
  expect(afterLook(before, seen)).toEqual({ ...before, ...then })
})

describe('for every state, staged side, history and limit', () => {
  test('statement 3: unknown never leads to a copy, nor to a claim about what is there', () => {
    fc.assert(
      fc.property(fc.constantFrom(...unclear), anyStaged, anyHistory, anyLimits, (state, source, past, bounds) => {
        const decision = decide({ seen: state, staged: source, history: past }, bounds, now)
        expect(decision.do).not.toBe('copy')
        if (decision.do === 'stop') expect(['undetermined', 'failed']).toContain(decision.verdict)
      }),
    )
  })

  test('statement 2: different leads to a conflict and to nothing else', () => {
    fc.assert(
      fc.property(anyStaged, anyHistory, anyLimits, (source, past, bounds) => {
        expect(decide({ seen: different, staged: source, history: past }, bounds, now)).toEqual(stop('conflict'))
      }),
    )
  })

  test('statement 9: what was refused, accepted, said to exist or found no room is never sent again', () => {
    fc.assert(
      fc.property(anyState, anyStaged, anyHistory, anyLimits, (state, source, past, bounds) => {
        fc.pre(past.lastWrite !== undefined && past.lastWrite !== 'ambiguous')
        expect(decide({ seen: state, staged: source, history: past }, bounds, now).do).not.toBe('copy')
      }),
    )
  })

  test('statement 3: only what is absent is sent, and never from a source that is wrong or gone', () => {
    fc.assert(
      fc.property(anyState, anyStaged, anyHistory, anyLimits, (state, source, past, bounds) => {
        if (decide({ seen: state, staged: source, history: past }, bounds, now).do !== 'copy') return
        expect(state.is).toBe('absent')
        expect(['unread', 'right']).toContain(source)
        expect(past.sends).toBeLessThan(bounds.sends)
      }),
    )
  })

  test('any run of absent and unknown, whatever the writes answer, ends within the limits', () => {
    const steps = fc.infiniteStream(fc.constantFrom(absent, unknown, putOff))
    const answers = fc.infiniteStream(
      fc.constantFrom<NonNullable<History['lastWrite']>>('accepted', 'exists', 'refused', 'ambiguous', 'no-room'),
    )
    fc.assert(
      fc.property(steps, answers, anyLimits, (seen, answered, bounds) => {
        const confirmWithin = 10
        let past = untried
        let time = now
        let rounds = 0
        // Each send allows some looks that find nothing, and before each of them some that cannot tell.
        const most = (bounds.sends + 1) * (bounds.looksAfterAmbiguous + confirmWithin + 2) * (bounds.looks + 1) + bounds.putOffs
        for (; ; rounds++) {
          expect(rounds).toBeLessThan(most)
          const state = seen.next().value
          past = {
            ...past,
            unknown: state === unknown ? past.unknown + 1 : state === absent ? 0 : past.unknown,
            putOff: past.putOff + (state === putOff ? 1 : 0),
            looksSince: past.looksSince + (state === absent ? 1 : 0),
          }
          const decision = decide({ seen: state, staged: 'right', history: past }, bounds, time)
          if (decision.do === 'stop') break
          if (decision.do === 'look') time = later(time, 1)
          else {
            const lastWrite = answered.next().value
            past = { ...past, unknown: 0, sends: past.sends + 1, lastWrite, looksSince: 0, confirmBy: later(time, confirmWithin) }
            expect(past.sends).toBeLessThanOrEqual(bounds.sends)
          }
        }
      }),
    )
  })
})
