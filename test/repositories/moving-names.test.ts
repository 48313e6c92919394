// A name that moves in a folder, by many processes at once that are killed at any step: nothing that was added is lost, and readers never see it go back.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { build } from 'tsup'
import { beforeAll, expect, test } from 'vitest'
import { atEach, dieAt, spread } from '../release/crash/killing.js'
import { temporaryFolder } from '../release/files.js'
import { capture } from '../tasks/rehearsal.mjs'

const program = join(temporaryFolder(), 'mover.js')
beforeAll(async () => {
  await build({
    config: false,
    silent: true,
    entry: { mover: new URL('mover.ts', import.meta.url).pathname },
    outDir: dirname(program),
    outExtension: () => ({ js: '.js' }),
    format: 'esm',
    target: 'node20',
    noExternal: [/./],
    minify: true,
    esbuildOptions(options) {
      options.conditions = ['@stagegate/source']
    },
  })
}, 300_000)

/** The file, as readers see it. */
function shown(root: string): string {
  const file = join(root, 'dists/stable/InRelease')
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}

async function add(root: string, lines: readonly string[], step = -1, countFile = '') {
  const variables = { DIE_AT: String(step), DIE_COUNT: countFile }
  const ended = await capture(process.execPath, ['--import', dieAt, program, root, ...lines], {
    cwd: dirname(root),
    timeout: 60_000,
    variables,
  })
  return { ...ended, added: ended.stdout.split('\n').filter((line) => line !== '') }
}

async function stepsOf(lines: readonly string[], root: string): Promise<number> {
  const file = join(temporaryFolder(), 'steps')
  const ended = await add(root, lines, -1, file)
  expect(ended.exitCode, ended.output).toBe(0)
  return JSON.parse(readFileSync(file, 'utf8')).steps
}

const linesOf = (root: string) => shown(root).split('\n').slice(0, -1)

test.each([0, 1, 2])(
  'killed before any step of a move after %i others, the next process goes on from there',
  { timeout: 300_000 },
  async (before) => {
    const earlier = Array.from({ length: before }, (_, index) => `earlier ${index}`)
    const first = join(temporaryFolder(), 'tree')
    if (before > 0) await add(first, earlier)
    const steps = await stepsOf(['a line'], first)
    await atEach(spread(steps, { least: 10, most: 40 }), async (step) => {
      const root = join(temporaryFolder(), 'tree')
      if (before > 0) await add(root, earlier)
      const killed = await add(root, ['a line'], step)
      // A reader sees the state before, or the one after.
      expect([earlier, [...earlier, 'a line']], `killed at step ${step} of ${steps}`).toContainEqual(linesOf(root))
      const wasThere = killed.added.includes('a line')
      expect((await add(root, ['another line'])).exitCode, `killed at step ${step} of ${steps}`).toBe(0)
      const [last, ...others] = linesOf(root).reverse()
      expect(last).toBe('another line')
      expect([earlier, [...earlier, 'a line']]).toContainEqual(others.reverse())
      if (wasThere) expect(linesOf(root)).toContain('a line')
      expect(readdirSync(join(root, 'dists/stable'))).toEqual(['InRelease'])
    })
  },
)

test('four writers at once, each killed again and again, lose nothing and double nothing, and no reader sees the name go back', {
  timeout: 240_000,
}, async () => {
  const root = join(temporaryFolder(), 'tree')
  const most = 2 * (await stepsOf(['a line'], join(temporaryFolder(), 'tree')))
  const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31)
  let state = seed
  const random = (below: number) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    return Math.floor(((state >>> 8) / 2 ** 24) * below)
  }
  const rounds = spread(1000, { least: 1, most: 25 }).length
  const added: string[] = []
  let writing = 4
  const write = async (writer: number) => {
    for (let round = 0; round < rounds; round++)
      added.push(...(await add(root, [`${writer} ${round} a`, `${writer} ${round} b`], 1 + random(most))).added)
    writing--
  }
  const watch = async () => {
    for (let last = ''; writing > 0; await setImmediate()) {
      const now = shown(root)
      expect(now.startsWith(last), `seed ${seed}: the name went back`).toBe(true)
      last = now
    }
  }
  await Promise.all([watch(), ...Array.from({ length: writing }, (_, writer) => write(writer))])
  expect((await add(root, ['the last line'])).exitCode).toBe(0)
  const lines = linesOf(root)
  expect(new Set(lines).size, `seed ${seed}`).toBe(lines.length)
  expect(
    added.filter((line) => !lines.includes(line)),
    `seed ${seed}`,
  ).toEqual([])
  // Some were killed before, some after.
  expect(added.length).toBeGreaterThan(rounds / 4)
  expect(lines.length).toBeGreaterThanOrEqual(added.length)
  const chain = readdirSync(join(root, '.stagegate/moves/dists/stable/InRelease'))
  expect(chain.filter((name) => /^\d+$/.test(name))).toHaveLength(lines.length)
})
