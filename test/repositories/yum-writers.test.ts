// Ten programs publish into one repository at once, as processes of their own that are killed and run again, while its users read it.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readYum } from '../../packages/uploader/src/repository/indexed/testing/yum-reader.js'
import { Dnf } from '../../packages/uploader/src/repository/yum/testing/dnf.js'
import { temporaryFolder } from '../release/files.js'
import { type Key, yesterdaysKey } from '../tasks/keys.mjs'
import { capture } from '../tasks/rehearsal.mjs'
import { Poller, random, seed } from './polling.js'
import { type Built, built, startBucket, type Trees } from './trees.js'
import { distribution, rpm } from './yum-trees.js'

const program = new URL('tree-program.mjs', import.meta.url).pathname
const dieAt = new URL('../release/die-at.mjs', import.meta.url).pathname
const programs = 10

let key: Key
let trees: Trees
beforeAll(async () => {
  ;[key, trees] = await Promise.all([yesterdaysKey('acme'), startBucket()])
})
afterAll(() => trees?.stop())

/** Where nobody may list the bucket, a server says 403 of what is not there. */
const pollerOf = (url: string) => new Poller({ url, isKept: (path) => !path.endsWith('/repomd.xml'), absent: [403, 404] })

/** A line for each package that is listed. */
function look(poller: Poller): Promise<readonly string[]> {
  return poller.look((get) => {
    const { packages = [] } = readYum(get, distribution) ?? {}
    return packages.map(({ name, version, architecture, sha256 }) => `${name} ${version} ${architecture} ${sha256}`).sort()
  })
}

/** The program for some packages; each run of it has a process of its own. */
function programFor(packages: readonly Built[]) {
  const from = built(packages, distribution)
  const file = join(from, 'program.json')
  const repository = { on: trees.on, signWith: { value: key.secret }, indexSignature: true, ...trees.trust }
  writeFileSync(file, JSON.stringify({ from, type: 'yum', repository }))
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
  const [poller, dnf] = [pollerOf(trees.url), await Dnf.in(temporaryFolder(), `${trees.url}/${distribution}/`)]
  const reading = (async () => {
    for (let before: readonly string[] = []; !ended; ) {
      const now = await look(poller)
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
  const listed = (await look(pollerOf(trees.url))).map((line) => line.replace(/ \w+$/, ''))
  const expected = all.flatMap((_, number) => [`acme-${number} 1.0-1 x86_64`, `acme-${number}-doc 1.0-1 noarch`])
  expect(listed).toEqual(['acme 0.9-1 x86_64', ...expected].sort())
  const certificate = join(temporaryFolder(), 'key.asc')
  writeFileSync(certificate, key.certificate)
  const settings = { repo_gpgcheck: '1', gpgkey: `file://${certificate}` }
  const strict = await Dnf.in(temporaryFolder(), `${trees.url}/${distribution}/`, settings)
  const names = await strict.ask('repoquery', '--available', '--queryformat', '%{name} %{evr} %{arch}')
  expect(names.trim().split('\n').sort()).toEqual(listed)
})
