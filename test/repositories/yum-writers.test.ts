// Jobs of two releases publish into one repository at once, as processes of their own that are killed and run again, while its users read it.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readYum } from '../../packages/uploader/src/repository/indexed/testing/yum-reader.js'
import { Dnf } from '../../packages/uploader/src/repository/yum/testing/dnf.js'
import { temporaryFolder } from '../release/files.js'
import { type Key, yesterdaysKey } from '../tasks/keys.mjs'
import { Poller, seed } from './polling.js'
import { startBucket, type Trees } from './trees.js'
import { kills, type Named, timeLimit, writeAtOnce } from './writing.js'
import { distribution, rpm } from './yum-trees.js'

const jobs = 9

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

const architectureOf = ([name]: Named) => (name.endsWith('-doc') ? 'noarch' : 'x86_64')

test(`${jobs} jobs of a release, and one of another, at once, ${kills} killed and run again: each package is listed once, and no reader ever saw less or a broken index`, {
  timeout: timeLimit,
}, async () => {
  const [poller, dnf] = [pollerOf(trees.url), await Dnf.in(temporaryFolder(), `${trees.url}/${distribution}/`)]
  const { packages, killed } = await writeAtOnce({
    type: 'yum',
    repository: { on: trees.on, signWith: { value: key.secret }, indexSignature: true, ...trees.trust },
    distribution,
    jobs,
    build: ([name, version]) => rpm(name, `${version}-1`, architectureOf([name, version])),
    look: () => look(poller),
    use: () => dnf.ask('repoquery', '--available', 'acme'),
  })
  expect(killed, `seed ${seed}`).toBeGreaterThan(0)

  // Anew, so that each file is asked for.
  const listed = (await look(pollerOf(trees.url))).map((line) => line.replace(/ \w+$/, ''))
  expect(listed).toEqual(packages.map((named) => `${named[0]} ${named[1]}-1 ${architectureOf(named)}`).sort())
  const certificate = join(temporaryFolder(), 'key.asc')
  writeFileSync(certificate, key.certificate)
  const settings = { repo_gpgcheck: '1', gpgkey: `file://${certificate}` }
  const strict = await Dnf.in(temporaryFolder(), `${trees.url}/${distribution}/`, settings)
  const names = await strict.ask('repoquery', '--available', '--queryformat', '%{name} %{evr} %{arch}')
  expect(names.trim().split('\n').sort()).toEqual(listed)
})
