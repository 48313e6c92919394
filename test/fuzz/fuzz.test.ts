import { randomInt } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { corpusOf, fuzz, readOnce } from './fuzz.js'
import type { Target } from './target.js'
import { targets } from './targets/index.js'

// `npm run fuzz` sets these; without them it is a short run of so many inputs, always the same: what is new is found there, not by whoever
// happens to change something else.
const { FUZZ_SECONDS: seconds, FUZZ_PARSER: parser, FUZZ_SEED: given } = process.env
const long = seconds !== undefined
const seed = given === undefined ? (long ? randomInt(2 ** 31) : 1) : Number(given)
const chosen = targets.filter(({ name }) => parser === undefined || parser === name)
const each = long ? Number(seconds) / chosen.length : 2

describe.each(chosen)('$name', (target) => {
  test.each([...target.seeds.map((bytes, at) => ({ file: `seed ${at}`, bytes: Buffer.from(bytes) })), ...corpusOf(target)])(
    'reads or refuses $file',
    async ({ bytes }) => {
      expect(await readOnce(target, bytes)).not.toBe('')
    },
  )

  test(
    'reads or refuses whatever it is given, in time and in memory',
    async () => {
      const { executions, kinds, finds } = await fuzz(target, { seed, runs: long ? Infinity : 2_000, seconds: each, keep: long })
      if (long) console.log(`${target.name}: ${executions} inputs, ${kinds} kinds of outcome, ${finds.length} finds (seed ${seed})`)
      expect(
        finds.map(({ error, file }) => `${file}: ${error instanceof Error ? error.stack : String(error)}`),
        again(target),
      ).toEqual([])
      expect(executions).toBeGreaterThan(0)
    },
    (each + 60) * 1000,
  )
})

const again = ({ name }: Target) => `npm run fuzz -- 60 ${name} ${seed} starts with the same inputs again`
