// Jobs that publish into one tree at once, as processes of their own that are killed and run again, while its users read it.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { temporaryFolder } from '../release/files.js'
import { capture } from '../tasks/rehearsal.mjs'
import { random, seed } from './polling.js'
import { type Built, built } from './trees.js'

const program = new URL('tree-program.mjs', import.meta.url).pathname
const dieAt = new URL('../release/die-at.mjs', import.meta.url).pathname

/** How many processes are killed on each server, at random steps of their I/O. */
export const kills = Number(process.env['TREE_KILLS'] ?? 5)
/** Milliseconds that a test of so many may take. */
export const timeLimit = 240_000 + kills * 20_000

/** A package by its name and version. */
export type Named = readonly [name: string, version: string]

/** One tree, as its writers and its readers know it. */
export interface Writing {
  readonly type: 'apt' | 'yum'
  /** The options that each job opens it with. */
  readonly repository: object
  readonly distribution: string
  /** How many jobs one release has. */
  readonly jobs: number
  build(named: Named): Built
  /** Reads it as a client does, and returns a line for each package that it lists. @throws where it is broken */
  look(): Promise<readonly string[]>
  /** Reads it with the package manager itself. */
  use(): Promise<unknown>
}

/** The processes of one job, one after another. */
function jobFor(writing: Writing, version: string, packages: readonly Named[]) {
  const from = built(packages.map(writing.build), writing.distribution)
  const file = join(from, 'program.json')
  writeFileSync(file, JSON.stringify({ from, version, type: writing.type, repository: writing.repository }))
  return ({ killedAt = -1, countFile = '' } = {}) =>
    capture(process.execPath, ['--import', dieAt, program, file], {
      cwd: from,
      timeout: 200_000,
      variables: { DIE_AT: String(killedAt), DIE_COUNT: countFile },
    })
}

/** The jobs of two releases: all of one, and of a later one with other versions of the same packages. */
function twoReleases({ jobs }: Writing, round: number): readonly (readonly Named[])[] {
  const [early, late] = [`${round}.0`, `${round}.1`]
  const all = Array.from({ length: jobs }, (_, job): readonly Named[] => [
    [`acme-${job}`, early],
    [`acme-${job}-doc`, early],
  ])
  return [...all, (all[0] ?? []).map(([name]) => [name, late])]
}

/**
 * Publishes two releases at once, and two more as long as fewer than `kills` processes were killed. Expects that each job succeeds that is run
 * again, and that nothing vanishes meanwhile.
 * @returns all packages that have been published, and how many processes were killed
 */
export async function writeAtOnce(writing: Writing): Promise<{ readonly packages: readonly Named[]; readonly killed: number }> {
  const countFile = join(temporaryFolder(), 'steps')
  const packages: Named[] = [['acme', '0.9']]
  const first = await jobFor(writing, '0.9', packages)({ countFile })
  expect(first.exitCode, first.output).toBe(0)
  const { steps }: { steps: number } = JSON.parse(readFileSync(countFile, 'utf8'))
  let killed = 0
  const writer = async (version: string, own: readonly Named[], times: number) => {
    const run = jobFor(writing, version, own)
    for (let time = 0; time < times; time++) {
      const { exitCode, output } = await run({ killedAt: 1 + random(steps) })
      // A job that has less to do than the first one ends before that step.
      expect([0, 137], `seed ${seed}: ${output}`).toContain(exitCode)
      if (exitCode === 137) killed++
    }
    const whole = await run()
    expect(whole.exitCode, `seed ${seed}: ${whole.output}`).toBe(0)
  }
  const reading = new Reading(writing)
  for (let round = 1; round === 1 || killed < kills; round++) {
    const jobs = twoReleases(writing, round)
    const times = Math.min(kills - killed, 2 * jobs.length)
    const share = (job: number) => Math.ceil((times * job) / jobs.length)
    const all = jobs.map((own, job) => writer(own[0]?.[1] ?? '', own, share(job + 1) - share(job)))
    await reading.during(Promise.all(all))
    packages.push(...jobs.flat())
    if (kills > 50) console.log(`seed ${seed}: ${killed} of ${kills} killed, ${packages.length} packages, read ${reading.times} times`)
  }
  return { packages, killed }
}

/** A user who reads a tree again and again. */
class Reading {
  readonly #writing: Writing
  #before: readonly string[] = []
  /** How often it was read. */
  times = 0

  constructor(writing: Writing) {
    this.#writing = writing
  }

  /** Expects that nothing vanishes, from one read to the next, while others write. */
  async during(written: Promise<unknown>): Promise<void> {
    let ended = false
    const reading = async () => {
      for (; !ended; this.times++) {
        const now = await this.#writing.look()
        const vanished = this.#before.filter((one) => !now.includes(one))
        expect(vanished, `seed ${seed}: vanished`).toEqual([])
        this.#before = now
        await this.#writing.use()
      }
    }
    const ending = written.finally(() => {
      ended = true
    })
    await Promise.all([ending, reading()])
  }
}
