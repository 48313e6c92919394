import { type ChildProcess, spawn } from 'node:child_process'
import { appendFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, unlinkSync } from 'node:fs'
import { dirname } from 'node:path'
import { parseReceipt } from '@stagegate/schema'
import { type PackagecloudServer, startPackagecloud } from '@stagegate/uploader/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { tls } from '../authority.js'
import { contentOf } from '../release/files.js'
import { packagecloudRepositories, World } from '../release/world.js'
import { capture } from '../tasks/rehearsal.mjs'

const command = new URL('../../packages/cli/dist/stagegate.mjs', import.meta.url).pathname
const packages = {
  jammy: 'ubuntu/jammy/hello_1.2.3-1_amd64.deb',
  bookworm: 'debian/bookworm/hello_1.2.3-1_amd64.deb',
  doc: 'any/any/hello-doc_1.2.3-1_all.deb',
}
const uploads = { method: 'POST', path: /packages\.json/ }
const tokens = { STAGING_TOKEN: 'one', PUBLIC_TOKEN: 'two' }

/** To a packagecloud, and to a directory that is only advisory. */
let server: PackagecloudServer
let sealed: World
beforeAll(async () => {
  server = await startPackagecloud({ tls, repositories: { 'acme/staging': { token: 'one' }, 'acme/stable': { token: 'two' } } })
  sealed = await World.sealed({
    variables: tokens,
    repositories: `${packagecloudRepositories(server.url)}
import { directory } from 'stagegate'
export const mirror = directory('repositories/mirror')
`,
    pipeline: [
      [
        "const release = new Release(app, 'hello', {",
        "const mirror = new PublicRepo(app, 'mirror', { at: repositories.mirror })\nconst release = new Release(app, 'hello', {",
      ],
      ['public: stable }', 'public: [stable, mirror.advisory] }'],
    ],
  })
}, 300_000)
afterAll(() => server.close())
beforeEach(async () => {
  server.faults.clear()
  for (const { distribution, file } of server.packages('acme/stable')) {
    const headers = { authorization: `Basic ${Buffer.from('two:').toString('base64')}` }
    await fetch(`${server.url}/api/v1/repos/acme/stable/${distribution}/${file}`, { method: 'DELETE', headers })
  }
  expect(server.packages('acme/stable')).toEqual([])
})

/** What differs from one run to the next. */
function masked(text: string): string {
  return text
    .replaceAll(server.url, 'https://server')
    .replace(/section_(start|end):\d+:stagegate_\d+_/g, 'section_$1:T:stagegate_T_')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replace(/\b[0-9a-f]{64}\b/g, 'SHA')
    .replace(/[\d.]+ (B|KiB)\b/g, 'N B')
    .replace(/[\d.]+ s\b/g, 'N s')
}

/** A copy in which the mirror has other bytes under the name of the one package. */
function worldWithConflict(): World {
  const world = sealed.copy()
  const path = world.path('repositories/mirror', packages.jammy)
  mkdirSync(dirname(path), { recursive: true })
  cpSync(world.path(world.built('debian/bookworm')), path)
  return world
}

const troubled = [
  { on: uploads, do: { answer: 429, headers: { 'retry-after': '2' } } },
  { on: uploads, do: { commitThenReset: true } },
] as const
const publishOne = ['publish', '--target', 'ubuntu/jammy']
const conflict = `conflict        hello_1.2.3-1_amd64.deb for ubuntu/jammy -> mirror  (advisory)
  sealed  sha256 SHA
  public  sha256 SHA
  A different file is there under this name. It is N bytes shorter, so it may be the rest of an interrupted upload.
`
const details = `  waiting N s for https://server: /api/v1/repos/acme/stable/packages.json: the server is limiting requests (429)
  hello_1.2.3-1_amd64.deb for ubuntu/jammy -> stable: no clear answer: POST https://server/api/v1/repos/acme/stable/packages.json: the connection broke before a complete answer (ECONNRESET)
`
const end = `published       hello_1.2.3-1_amd64.deb for ubuntu/jammy -> stable  N B sent in N s, N B/s
1 published, 1 conflict (rehearsal). Receipt: .stagegate/receipts/ubuntu%2Fjammy.json
Everything is published; the verify job now reads it back as users do.
`
const bytesShorter = (text: string) => text.replace(/It is \d+ bytes shorter/, 'It is N bytes shorter')

describe('the log of a troubled publishing', () => {
  beforeEach(() => server.faults.add(...troubled))

  test('in a file has a line for each verdict, and the details where they happened', async () => {
    const result = await worldWithConflict().run(publishOne)
    expect(bytesShorter(masked(result.stdout))).toBe(conflict + details + end)
    expect(result.stderr).toBe('')
    expect(result.exitCode).toBe(0)
  })

  test('in a GitLab job folds the details away', async () => {
    const result = await worldWithConflict().run(publishOne, { CI: 'true', GITLAB_CI: 'true' })
    const start = '\u001b[0Ksection_start:T:stagegate_T_1[collapsed=true]\r\u001b[0K'
    const stop = '\u001b[0Ksection_end:T:stagegate_T_1\r\u001b[0K\n'
    expect(bytesShorter(masked(result.stdout))).toBe(conflict + start + details + stop + end)
    expect(result.exitCode).toBe(0)
  })

  test('goes to stderr where the document goes to stdout', async () => {
    const world = worldWithConflict()
    const result = await world.run([...publishOne, '--json'])
    expect(bytesShorter(masked(result.stderr))).toBe(conflict + details + end)
    expect(JSON.parse(result.stdout)).toEqual(JSON.parse(world.read('.stagegate/receipts/ubuntu%2Fjammy.json')))
  })

  test('in a terminal is a line that is written over, below the verdicts', async () => {
    const { output, exitCode } = await inTerminal(worldWithConflict(), publishOne)
    expect(exitCode, output).toBe(0)
    expect(bytesShorter(masked(screen(output)))).toBe(conflict + end)
    const states = output.split('\r\u001b[K').map((state) => masked(state))
    expect(states).toContainEqual(expect.stringMatching(/^1 of 2 done \| waiting N s for https:\/\/server: \/api/))
    // Neither colours, nor what only a job's log can read.
    expect(output).not.toMatch(/\u001b\[[\d;]*m|section_/)
    for (const state of output.split(/\r\n|\r\u001b\[K/)) expect(state.startsWith('1 of 2') ? state.length : 0).toBeLessThan(80)
  })

  test('in a terminal that cannot move its cursor is as in a file', async () => {
    const { output } = await inTerminal(worldWithConflict(), publishOne, { TERM: 'dumb' })
    expect(bytesShorter(masked(output.replaceAll('\r\n', '\n')))).toBe(conflict + details + end)
  })
})

/** Runs the command on a terminal of its own, 80 columns wide. */
function inTerminal(world: World, words: readonly string[], variables: Record<string, string> = { TERM: 'xterm' }) {
  const line = ['stty cols 80;', 'exec', process.execPath, command, ...words].join(' ')
  return capture('script', ['--quiet', '--return', '--command', line, '/dev/null'], {
    cwd: world.checkout,
    timeout: 60_000,
    variables: { SHELL: '/bin/sh', STAGEGATE_REHEARSAL: '1', ...world.variables, ...variables },
  })
}

/** What is to be read on the terminal in the end. */
function screen(text: string): string {
  const rows = text.replaceAll('\r\n', '\n').split('\n')
  // Of what was written over, the last remains.
  return rows.map((row) => row.split('\r\u001b[K').at(-1)).join('\n')
}

test('a file for GitLab’s pipeline view is next to the receipt, and next to the verification', async () => {
  const world = worldWithConflict()
  expect((await world.run(['publish'])).exitCode).toBe(0)
  const published = world.read('.stagegate/receipts/all.junit.xml')
  expect(published).toContain('<testsuites name="stagegate publish" tests="6" failures="0" errors="0" skipped="1"')
  expect(published).toMatch(/<testcase classname="stable" name="hello-doc_1\.2\.3-1_all\.deb for any\/any" time="\d+\.\d{3}"\/>/)
  expect(published).toContain('<skipped message="advisory: conflict">conflict        hello_1.2.3-1_amd64.deb for ubuntu/jammy -&gt; mirror')
  await world.run(['verify', '--deadline', '0'])
  const verified = world.read('.stagegate/verifications/all.junit.xml')
  expect(verified).toContain('<testsuites name="stagegate verify" tests="6" failures="0" errors="0" skipped="1"')
  expect(verified).toContain('<skipped message="advisory: other-bytes">')
})

test('verify says what it waits for, and exits 4 when that does not come', async () => {
  const world = sealed.copy()
  const { exitCode, stdout } = await world.run(['verify', '--deadline', '3'])
  expect(exitCode).toBe(4)
  const [first = '', ...rest] = stdout.split('\n').filter((line) => line.startsWith('not-there-yet'))
  expect(first).toMatch(/^not-there-yet {2}hello\S*_1\.2\.3-1_\w+\.deb for \S+ in \w+: checking again for at most [23]\.\d s$/)
  // Each is said to be waited for once, and then to have not come.
  expect(rest).toHaveLength(11)
})

describe('told to stop', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('by %s, it says what is done and what is not, and keeps the receipt', async (signal) => {
    server.faults.add({ on: uploads, after: 2, do: { stall: 4000 } })
    const world = sealed.copy()
    const { child, ended, output } = begin(world)
    await until(
      () => output().match(/^published .* -> stable/gm)?.length === 2 && output().match(/^published .* -> mirror/gm)?.length === 3,
    )
    child.kill(signal)
    expect(await ended, output()).toBe(4)
    const [done = '', notDone = ''] = masked(output()).split(`Stopped by ${signal}: transfers under way are being stopped.\n`)
    expect(done.trim().split('\n')).toHaveLength(5)
    const [left] = Object.values(packages)
      .filter((path) => !done.includes(`${nameOf(path)} -> stable`))
      .map(nameOf)
    expect(notDone).toBe(`undetermined    ${left} -> stable
  stopped by ${signal}
5 published, 1 undetermined (rehearsal). Receipt: .stagegate/receipts/all.json
Incomplete: run the job again; it sends only what is missing.
`)
    const receipt = parseReceipt(world.read('.stagegate/receipts/all.json'), 'the receipt')
    expect(receipt.outcomes.map(({ verdict }) => verdict).sort()).toEqual([...Array(5).fill('published'), 'undetermined'])
    expect(world.read('.stagegate/receipts/all.junit.xml')).toContain('tests="6" failures="0" errors="1" skipped="0"')

    server.faults.clear()
    const again = await world.run(['publish'])
    expect(again.exitCode, again.output).toBe(0)
    expect(again.stdout).toContain('\n1 published, 5 already-public (rehearsal)')
  })
})

test('killed in the middle of an upload, it leaves a receipt that says what it was about', async () => {
  server.faults.add({ on: uploads, times: 10, do: { stall: 6000 } })
  const world = sealed.copy()
  const { child, ended } = begin(world)
  const view = '.stagegate/receipts/all.junit.xml'
  const known = 'tests="6" failures="0" errors="3" skipped="0"'
  await until(() => existsSync(world.path(view)) && world.read(view).includes(known))
  child.kill('SIGKILL')
  expect(await ended).toBe('SIGKILL')
  const { outcomes } = parseReceipt(world.read('.stagegate/receipts/all.json'), 'the receipt')
  const said = outcomes.map(({ destination, verdict, problem }) => `${destination.repository} ${verdict} ${problem?.code ?? 'well'}`).sort()
  expect(said).toEqual([...Array(3).fill('mirror published well'), ...Array(3).fill('stable undetermined run/not-ended')])
  expect(world.read(view)).toContain(known)
})

describe('another job is started in its folder, which is emptied', () => {
  /** The command may write a document meanwhile, into a folder that was just emptied: so it is emptied again. */
  const remove = (folder: string, attempts = 50): void => {
    try {
      rmSync(folder, { recursive: true })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY' || attempts === 1) throw error
      remove(folder, attempts - 1)
    }
  }
  // Staging is elsewhere, so that nothing but the documents is lost.
  const publishing = async (lose: (world: World) => void) => {
    server.faults.add({ on: uploads, do: { stall: 2000 } })
    const world = sealed.copy()
    const { ended, output } = begin(world, ['publish', '--target', 'any/any'])
    const receipt = world.path('.stagegate/receipts/any%2Fany.json')
    await until(() => output().includes('-> mirror'))
    lose(world)
    return { exitCode: await ended, output: output(), receipt }
  }

  test('the receipt is written again', async () => {
    const { exitCode, output, receipt } = await publishing((world) => remove(world.path('.stagegate')))
    expect(exitCode, output).toBe(0)
    expect(parseReceipt(readFileSync(receipt, 'utf8'), receipt).outcomes.map(({ verdict }) => verdict)).toEqual(['published', 'published'])
  })

  test('if the folder is gone, a sentence says what was published, and that there is no receipt', async () => {
    const { exitCode, output } = await publishing((world) => remove(world.checkout))
    expect(exitCode, output).toBe(4)
    expect(output).toContain('\n2 published (rehearsal).\n')
    expect(output).toContain('stagegate: 2 published, but the receipt could not be written.')
    expect(output).toContain('its folder is gone (ENOENT)\n')
    expect(output).not.toMatch(/^\s+at /m)
  })
})

test('the job’s time is nearly over: it ends before, says so, and keeps the receipt', async () => {
  server.faults.add({ on: uploads, times: 10, do: { stall: 10_000 } })
  const world = sealed.copy()
  const result = await world.run(['publish'], { CI_JOB_TIMEOUT: '8' })
  expect(result.exitCode, result.output).toBe(4)
  expect(result.stdout).toContain('The job’s timeout of 8.0 s (CI_JOB_TIMEOUT) is almost reached: transfers under way are being stopped.\n')
  expect(result.stdout).toContain('\n3 published, 3 undetermined (rehearsal). Receipt: .stagegate/receipts/all.json\n')
  const { outcomes } = parseReceipt(world.read('.stagegate/receipts/all.json'), 'the receipt')
  expect(outcomes.filter(({ problem }) => problem?.code === 'job/time-over')).toHaveLength(3)
})

/** `hello_1.2.3-1_amd64.deb for ubuntu/jammy`, of a path in a directory repository. */
function nameOf(path: string): string {
  const [file = '', ...distribution] = path.split('/').reverse()
  return `${file} for ${distribution.reverse().join('/')}`
}

/** The command as a process that can be ended. */
function begin(
  world: World,
  words: readonly string[] = ['publish'],
): { readonly child: ChildProcess; readonly ended: Promise<unknown>; output(): string } {
  const { PATH, HOME } = process.env
  const env = { PATH, HOME, STAGEGATE_REHEARSAL: '1', ...world.variables }
  const child = spawn(process.execPath, [command, ...words], { cwd: world.checkout, env, stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk) => {
      text += chunk
    })
  return { child, ended: new Promise((resolve) => child.on('close', (code, signal) => resolve(signal ?? code))), output: () => text }
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 20_000
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`Not within 20 s: ${condition}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

describe('a dry run', () => {
  const dryRun = ['publish', '--dry-run']

  test('says what would become of each, and changes nothing', async () => {
    const world = worldWithConflict()
    await world.run(['publish', '--target', 'debian/bookworm'])
    const before = [contentOf(world.checkout), server.packages('acme/stable').length]
    const result = await world.run(dryRun)
    expect(masked(result.stdout)).toBe(`publish         hello_1.2.3-1_amd64.deb for ubuntu/jammy -> stable  N B
conflict        hello_1.2.3-1_amd64.deb for ubuntu/jammy -> mirror  (advisory)
  sealed  sha256 SHA
  public  sha256 SHA
already public  hello_1.2.3-1_amd64.deb for debian/bookworm -> stable
already public  hello_1.2.3-1_amd64.deb for debian/bookworm -> mirror  (advisory)
publish         hello-doc_1.2.3-1_all.deb for any/any -> stable  N B
publish         hello-doc_1.2.3-1_all.deb for any/any -> mirror  N B  (advisory)
Publishing now would send 3 of 6 artifacts. Nothing was changed.
The release expires in 13 days, at TIME.
Publishing now would succeed.
`)
    expect([result.exitCode, result.stderr]).toEqual([0, ''])
    expect([contentOf(world.checkout), server.packages('acme/stable').length]).toEqual(before)
    // What it says is what happens.
    expect((await world.run(['publish'])).stdout).toContain('\n3 published, 2 already-public, 1 conflict (rehearsal)')
  })

  test('ends with 3 where a person must investigate before', async () => {
    const plain = await World.sealed()
    appendFileSync(plain.path('repositories/staging', packages.jammy), '\n')
    unlinkSync(plain.path('repositories/staging', packages.doc))
    const result = await plain.run(dryRun)
    expect(masked(result.stdout)).toBe(`tampered        hello_1.2.3-1_amd64.deb for ubuntu/jammy -> stable
  The bytes in staging differ from the sealed ones.
publish         hello_1.2.3-1_amd64.deb for debian/bookworm -> stable  N B
missing         hello-doc_1.2.3-1_all.deb for any/any -> stable
  It is no longer in staging.
Publishing now would send 1 of 3 artifacts. Nothing was changed.
The release expires in 13 days, at TIME.
A person must investigate before publishing: RELEASING.md explains each verdict.
`)
    expect(result.exitCode).toBe(3)
    expect((await plain.run([...dryRun, '--target', 'debian/bookworm'])).exitCode).toBe(0)
  })

  test('says what the credential is refused for', async () => {
    const result = await sealed.copy().run([...dryRun, '--target', 'any/any'], { PUBLIC_TOKEN: 'not-two' })
    expect(result.stdout).toMatch(/^would fail {6}hello-doc_1\.2\.3-1_all\.deb for any\/any -> stable\n {2}.*PUBLIC_TOKEN/)
    expect(result.exitCode).toBe(3)
  })

  test('ends with 4 if the state is unknown, and logs its waits on stderr', async () => {
    const busy = (seconds: number) => ({ on: { path: /stable/ }, do: { answer: 503, headers: { 'retry-after': String(seconds) } } })
    server.faults.add(busy(2), busy(3600))
    const result = await sealed.copy().run([...dryRun, '--target', 'ubuntu/jammy', '--json'])
    expect(masked(result.stderr)).toMatch(/^ {2}waiting N s for https:\/\/server: /)
    expect(result.stderr).toContain('\nunknown         hello_1.2.3-1_amd64.deb for ubuntu/jammy -> stable\n')
    expect(result.stderr).toContain('asked to wait for 3600 s')
    expect(result.stderr).toMatch(/\nSome results are unknown: run the command again\.\n$/)
    expect(JSON.parse(result.stdout)).toHaveLength(2)
    expect(result.exitCode).toBe(4)
  })

  test('shows on a terminal how far it is, and in the end only what it found', async () => {
    server.faults.add({ on: { path: /stable/ }, do: { stall: 700 } })
    const { output, exitCode } = await inTerminal(sealed.copy(), dryRun)
    expect(exitCode, output).toBe(0)
    expect(output).toContain(' of 6 checked')
    expect(screen(output)).not.toContain('looked at')
    expect(screen(output)).toMatch(/^publish {9}hello/)
  })
})
