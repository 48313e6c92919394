import { describe, expect, test, vi } from 'vitest'
import { GateError, isStagegateError, StagegateError, UsageError } from './error.js'

const parts = { code: 'x/y', what: 'it broke', where: 'here.json', next: 'Mend it.', cause: new Error('why') }

test('a message says where, what, and what to do next', () => {
  expect(new StagegateError(parts).message).toBe('here.json: it broke\nMend it.')
  expect(new StagegateError({ code: 'x', what: 'it broke' }).message).toBe('it broke')
  expect(new StagegateError({ code: 'x', what: 'it broke', next: 'Mend it.' }).message).toBe('it broke\nMend it.')
})

test('an error has its own name, its parts and its cause', () => {
  const error = new UsageError(parts)
  expect(error).toMatchObject({ ...parts, name: 'UsageError' })
  expect(error).toBeInstanceOf(StagegateError)
  expect(error).not.toBeInstanceOf(GateError)
  expect('cause' in new UsageError({ code: 'x', what: 'y' })).toBe(false)
})

describe('isStagegateError', () => {
  test('knows the errors of another copy of this package', async () => {
    vi.resetModules()
    const other = await import('./error.js')
    const error = new other.GateError(parts)
    expect(error).not.toBeInstanceOf(StagegateError)
    expect(isStagegateError(error)).toBe(true)
    expect(other.isStagegateError(new GateError(parts))).toBe(true)
  })

  test('knows nothing else', () => {
    for (const value of [new Error('no'), { code: 'x/y' }, null, undefined, 'text', 7]) expect(isStagegateError(value)).toBe(false)
  })
})
