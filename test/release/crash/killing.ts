import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { build } from 'tsup'
import { beforeAll, expect } from 'vitest'
import { capture } from '../../tasks/rehearsal.mjs'
import { temporaryFolder } from '../files.js'
import type { Work } from './perform.js'

export const dieAt = new URL('../die-at.mjs', import.meta.url).pathname

export interface Killing {
  /** Does that work in a process that is killed before that step of its I/O. */
  until(work: Work, step: number, countFile?: string): ReturnType<typeof capture>
  /** How many steps it has when nobody kills it. */
  stepsOf(work: Work): Promise<number>
}

/** Builds the library's verbs for a process of their own, in one file, so that it starts quickly. */
export function killing(): Killing {
  const child = join(temporaryFolder(), 'child.js')
  beforeAll(async () => {
    await build({
      config: false,
      silent: true,
      entry: { child: new URL('child.ts', import.meta.url).pathname },
      outDir: dirname(child),
      outExtension: () => ({ js: '.js' }),
      format: 'esm',
      target: 'node20',
      noExternal: [/./],
      minify: true,
      banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)" },
      esbuildOptions(options) {
        options.conditions = ['@stagegate/source']
      },
    })
    writeFileSync(join(dirname(child), 'package.json'), '{"type": "module"}')
  }, 60_000)
  const works = temporaryFolder()
  let workFiles = 0
  const until: Killing['until'] = async (work, step, countFile = '') => {
    const file = join(works, `${++workFiles}.json`)
    writeFileSync(file, JSON.stringify(work))
    const variables = { DIE_AT: String(step), DIE_COUNT: countFile }
    return capture(process.execPath, ['--import', dieAt, child, file], { cwd: work.base, timeout: 60_000, variables })
  }
  return {
    until,
    async stepsOf(work) {
      const file = join(temporaryFolder(), 'steps')
      const whole = await until(work, -1, file)
      expect(whole.exitCode, whole.output).toBe(0)
      return JSON.parse(readFileSync(file, 'utf8')).steps
    },
  }
}

/** A sixth of the points in each run, and each day another one; all of them with CRASH_SHARE=1. Or CRASH_POINTS in each test. */
const { CRASH_POINTS, CRASH_SHARE } = process.env
const share = Number(CRASH_SHARE ?? 6)
const phase = (Math.floor(Date.now() / 86_400_000) % share) / share

/** About so many points, spread evenly over all steps; all of them where there are not more. At least so many steps, so that not all is lost unseen. */
export function spread(steps: number, { least, most }: { readonly least: number; readonly most: number }): readonly number[] {
  expect(steps).toBeGreaterThanOrEqual(least)
  const count = Math.min(steps, Number(CRASH_POINTS ?? Math.ceil(most / share)))
  return Array.from({ length: count }, (_, index) => 1 + Math.floor(((index + phase) * steps) / count))
}

/** Crashes at each of these points, a few at a time. */
export async function atEach<T>(all: readonly T[], run: (one: T) => Promise<void>): Promise<void> {
  const left = [...all]
  const worker = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) await run(next)
  }
  await Promise.all([worker(), worker(), worker()])
}
