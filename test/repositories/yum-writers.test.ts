// Ten programs publish into one repository at once, as processes of their own that are killed and run again, while its users read it.
import { readFileSync, writeFileSync } from 'node:fs'
import { get } from 'node:https'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readYum } from '../../packages/uploader/src/repository/indexed/testing/yum-reader.js'
import { Dnf } from '../../packages/uploader/src/repository/yum/testing/dnf.js'
import { ca } from '../authority.js'
import { temporaryFolder } from '../release/files.js'
import { type Key, yesterdaysKey } from '../tasks/keys.mjs'
import { capture } from '../tasks/rehearsal.mjs'
import { type Built, built, distribution, rpm, startBucket, type Trees } from './yum-trees.js'

const program = new URL('yum-program.mjs', import.meta.url).pathname
const dieAt = new URL('../release/die-at.mjs', import.meta.url).pathname
const programs = 10

let key: Key
let trees: Trees
beforeAll(async () => {
  ;[key, trees] = await Promise.all([yesterdaysKey('acme'), startBucket()])
})
afterAll(() => trees?.stop())

/** The seed of this run: SEED repeats one. */
const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31)
let state = seed
function random(below: number): number {
  state = (Math.imul(state, 1103515245) + 12345) >>> 0
  return Math.floor(((state >>> 8) / 2 ** 24) * below)
}

/** A file that a reader asks for, and that has not been fetched yet. */
class Wanted extends Error {
  readonly path: string

  constructor(path: string) {
    super(path)
    this.path = path
  }
}

/** Reads the repository as dnf does. A file that is named by its digest, and a package, is asked for once. */
class Poller {
  readonly #kept = new Map<string, Buffer | undefined>()

  /** A line for each package that is listed. Throws where a client would find the index broken. */
  async look(): Promise<readonly string[]> {
    const now = new Map<string, Buffer | undefined>()
    for (;;) {
      try {
        const { packages = [] } = readYum((path) => this.#read(path, now), distribution) ?? {}
        return packages.map(({ name, version, architecture, sha256 }) => `${name} ${version} ${architecture} ${sha256}`).sort()
      } catch (error) {
        if (!(error instanceof Wanted)) throw error
        const fetched = await fetchFrom(`${trees.url}/${error.path}`)
        const files = error.path.endsWith('/repomd.xml') ? now : this.#kept
        files.set(error.path, fetched)
      }
    }
  }

  #read(path: string, now: ReadonlyMap<string, Buffer | undefined>): Buffer | undefined {
    for (const files of [this.#kept, now]) if (files.has(path)) return files.get(path)
    throw new Wanted(path)
  }
}

/** `undefined`: it is not there. Where nobody may list the bucket, a server says 403 then. */
function fetchFrom(url: string): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    get(url, { ca, agent: false, timeout: 30_000 }, (answer) => {
      if (answer.statusCode === 200) return void buffer(answer).then(resolve, reject)
      answer.resume()
      if (answer.statusCode === 404 || answer.statusCode === 403) resolve(undefined)
      else reject(new Error(`${url} answered ${answer.statusCode}`))
    }).once('error', reject)
  })
}

/** The program for some packages; each run of it has a process of its own. */
function programFor(packages: readonly Built[]) {
  const from = built(packages)
  const file = join(from, 'program.json')
  const repository = { on: trees.on, signWith: { value: key.secret }, indexSignature: true, ...trees.trust }
  writeFileSync(file, JSON.stringify({ from, repository }))
  return ({ killedAt = -1, countFile = '' } = {}) =>
    capture(process.execPath, ['--import', dieAt, program, file], {
      cwd: from,
      timeout: 200_000,
      variables: { DIE_AT: String(killedAt), DIE_COUNT: countFile },
    })
}

test(`${programs} programs at once, each second one killed and run again: all is listed, and no reader ever saw less or a broken index`, async () => {
  const countFile = join(temporaryFolder(), 'steps')
  const first = await programFor([rpm('acme', '0.9-1')])({ countFile })
  expect(first.exitCode, first.output).toBe(0)
  const { steps }: { steps: number } = JSON.parse(readFileSync(countFile, 'utf8'))
  const all = Array.from({ length: programs }, (_, number) => [rpm(`acme-${number}`), rpm(`acme-${number}-doc`, '1.0-1', 'noarch')])
  let ended = false
  const exitCodes: number[] = []
  const writing = Promise.all(
    all.map(async (packages, number) => {
      const run = programFor(packages)
      if (number % 2 === 0) exitCodes.push((await run({ killedAt: 1 + random(steps) })).exitCode)
      const result = await run()
      expect(result.exitCode, `seed ${seed}: ${result.output}`).toBe(0)
    }),
  ).finally(() => {
    ended = true
  })
  const [poller, dnf] = [new Poller(), await Dnf.in(temporaryFolder(), `${trees.url}/${distribution}/`)]
  const reading = (async () => {
    for (let before: readonly string[] = []; !ended; ) {
      const now = await poller.look()
      const vanished = before.filter((one) => !now.includes(one))
      expect(vanished, `seed ${seed}`).toEqual([])
      before = now
      await dnf.ask('repoquery', '--available', 'acme')
    }
  })()
  await Promise.all([writing, reading])
  // As a process ends that is killed.
  expect(exitCodes, `seed ${seed}, of ${steps} steps`).toContain(137)

  // Anew, so that each file is asked for.
  const listed = (await new Poller().look()).map((line) => line.replace(/ \w+$/, ''))
  const expected = all.flatMap((_, number) => [`acme-${number} 1.0-1 x86_64`, `acme-${number}-doc 1.0-1 noarch`])
  expect(listed).toEqual(['acme 0.9-1 x86_64', ...expected].sort())
  const certificate = join(temporaryFolder(), 'key.asc')
  writeFileSync(certificate, key.certificate)
  const settings = { repo_gpgcheck: '1', gpgkey: `file://${certificate}` }
  const strict = await Dnf.in(temporaryFolder(), `${trees.url}/${distribution}/`, settings)
  const names = await strict.ask('repoquery', '--available', '--queryformat', '%{name} %{evr} %{arch}')
  expect(names.trim().split('\n').sort()).toEqual(listed)
})
