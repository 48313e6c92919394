import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { kindVariable } from '@stagegate/schema'
import { makeDeb } from '@stagegate/uploader/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { ca, tls } from '../authority.js'
import { headOf, onGitlab, startWholeGitlab, type WholeGitlab } from '../tasks/gitlab.mjs'
import { capture, commit, stagegate } from '../tasks/rehearsal.mjs'
import { contentOf, temporaryFolder } from './files.js'

/*
 * Somebody with a project on GitLab copies the README's one file and tags a version. The jobs run as the YAML says, word for word, each in a
 * folder of its own with the artifacts that it needs; only what builds (make, docker) and what installs the command (npm) is made up. There is
 * one token, the job's own, and one GitLab.
 */

const root = new URL('../..', import.meta.url).pathname
const tag = 'v1.2.3'
const notes = '- Opens the door.'

interface YamlJob {
  readonly script: readonly string[]
  readonly needs?: readonly (string | { readonly job: string; readonly artifacts?: boolean })[]
  readonly variables?: Readonly<Record<string, string>>
  readonly artifacts?: { readonly paths?: readonly string[]; readonly reports?: { readonly dotenv?: string } }
}

let gitlab: WholeGitlab
let folder: string
let jobs: Readonly<Record<string, YamlJob>>
/** Where the artifacts of a job that has ended lie. */
const ended = new Map<string, string>()

beforeAll(async () => {
  gitlab = await startWholeGitlab({ path: 'acme/hello', tag, tls })
  folder = join(temporaryFolder(), 'hello')
  mkdirSync(join(folder, 'node_modules'), { recursive: true })
  symlinkSync(join(root, 'packages/cli'), join(folder, 'node_modules/stagegate'))
  const [, readme = ''] = /^```ts\n(import \{ App,.*?)^```/ms.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? []
  write('pipeline.ts', onGitlab(readme, gitlab, ca))
  write('package.json', '{ "type": "module" }')
  write('package-lock.json', '{}')
  write('CHANGELOG.md', `# Changelog\n\n## 1.2.3\n\n${notes}\n\n## 1.2.2\n\n- Closes it.\n`)
  makeProduct()
  const synth = await stagegate(folder, ['synth'])
  expect(synth.exitCode, synth.output).toBe(0)
  commit(folder, tag)
  gitlab.push(headOf(folder))
  const { stages: _, workflow: __, variables: ___, refused: ____, ...made } = parse(readFileSync(join(folder, '.gitlab-ci.yml'), 'utf8'))
  jobs = made
}, 300_000)
afterAll(async () => {
  await gitlab.close()
})

function write(path: string, text: string | Uint8Array): void {
  writeFileSync(join(folder, path), text)
}

/** The tools that the README's scripts call: they leave real packages, tarballs and images. */
function makeProduct(): void {
  mkdirSync(join(folder, 'prebuilt'))
  mkdirSync(join(folder, 'bin'))
  write('prebuilt/hello_1.2.3_amd64.deb', makeDeb({ name: 'hello', version: '1.2.3', architecture: 'amd64', size: 100_000 }))
  execFileSync('tar', ['-czf', join(folder, 'prebuilt/hello-1.2.3.tar.gz'), 'README.md'], { cwd: root })
  cpSync(join(root, 'examples/quickstart/scripts'), join(folder, 'prebuilt/scripts'), { recursive: true })
  const tools = {
    npm: 'test "$1" = ci',
    make: 'mkdir -p dist; case $1 in deb) cp prebuilt/*.deb dist/;; tarball) cp prebuilt/*.tar.gz dist/;; deploy) find incoming -type f;; esac',
    docker: 'node prebuilt/scripts/image.mjs',
  }
  for (const [name, script] of Object.entries(tools)) {
    write(`bin/${name}`, `#!/bin/sh\nset -e\n${script}\n`)
    chmodSync(join(folder, 'bin', name), 0o755)
  }
}

/** Runs a job with all that it needs, as its YAML says, and returns what it printed. */
async function run(name: string): Promise<string> {
  const job = jobs[name]
  if (job === undefined) throw new Error(`Expected a job ${name}`)
  const needs = (job.needs ?? []).map((need) => (typeof need === 'string' ? { job: need } : need))
  for (const need of needs) if (!ended.has(need.job)) await run(need.job)
  const cwd = temporaryFolder()
  if (job.variables?.['GIT_STRATEGY'] !== 'empty') cpSync(folder, cwd, { recursive: true, verbatimSymlinks: true })
  for (const need of needs) if (need.artifacts !== false) cpSync(ended.get(need.job) ?? '', cwd, { recursive: true })
  const token = gitlab.startJob(name)
  const variables = {
    PATH: [join(folder, 'bin'), process.env['PATH']].join(delimiter),
    CI_JOB_TOKEN: token,
    CI_COMMIT_TAG: tag,
    [kindVariable]: 'release',
    ...dotenv(needs),
    ...job.variables,
  }
  const result = await capture('sh', ['-e', '-c', job.script.join('\n')], { cwd, variables, timeout: 60_000 })
  gitlab.endJob(token)
  expect(result.output).not.toContain(token)
  expect(result.exitCode, `${name}\n${result.output}`).toBe(0)
  const kept = temporaryFolder()
  const { paths = [], reports = {} } = job.artifacts ?? {}
  for (const pattern of [...paths, reports.dotenv ?? '']) if (pattern !== '') await keep(pattern, cwd, kept)
  ended.set(name, kept)
  return result.output
}

async function keep(pattern: string, from: string, to: string): Promise<void> {
  const copied = await capture('sh', ['-c', `cp -R --parents -- ${pattern} "$0"`, to], { cwd: from, timeout: 30_000 })
  expect(copied.exitCode, copied.output).toBe(0)
}

/** The variables that the needed jobs report. */
function dotenv(needs: readonly { readonly job: string; readonly artifacts?: boolean }[]): Readonly<Record<string, string>> {
  const texts = needs.flatMap(({ job, artifacts }) => {
    const path = jobs[job]?.artifacts?.reports?.dotenv
    return path === undefined || artifacts === false
      ? []
      : readFileSync(join(ended.get(job) ?? '', path), 'utf8')
          .trimEnd()
          .split('\n')
  })
  return Object.fromEntries(texts.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]))
}

/** As a member downloads: each redirect is followed, to a storage elsewhere without the token. */
async function read(url: string): Promise<Buffer> {
  const token = gitlab.startJob('a member')
  const isHere = url.startsWith(gitlab.url)
  const answer = await fetch(url, { headers: isHere ? { 'job-token': token } : {}, redirect: 'manual' })
  gitlab.endJob(token)
  const location = answer.headers.get('location')
  if (location !== null) return read(new URL(location, url).href)
  expect(answer.status, url).toBe(200)
  return Buffer.from(await answer.arrayBuffer())
}

test('a tag is released with one file, one project and no token, and everything is on its page', { timeout: 300_000 }, async () => {
  // Up to the gate nothing is public: all that is there is staged, or a record.
  expect(await run('deploy: [production]')).toContain('incoming/tarball/hello-1.2.3.tar.gz')
  expect(gitlab.releases.all).toEqual([])
  expect(Object.keys(gitlab.packages.of(7)).filter((name) => !name.startsWith('stagegate-'))).toEqual([])

  // The clicks.
  for (const target of ['debian/bookworm', 'tarball', 'image']) await run(`publish: [${target}]`)
  expect(gitlab.releases.all).toEqual([])
  expect(await run('announce: [page]')).toContain('Made the entry with')

  const entry = gitlab.releases.all
  expect(entry).toHaveLength(1)
  const [release] = entry
  expect(release).toMatchObject({ project: 7, tag, description: expect.stringContaining(notes) })
  expect(release?.description).not.toContain('Closes it')
  const links = release?.links ?? []
  const image = `${new URL(gitlab.registry).host}/acme/hello/release/hello:1.2.3`
  expect(links.map(({ name }) => name).sort()).toEqual(
    [image, 'SHA256SUMS', 'hello-1.2.3.tar.gz', 'hello_1.2.3_amd64.deb', 'release-manifest.json'].sort(),
  )
  expect(release?.description).toContain(image)

  // A member downloads it all, and checks it with the system's own tool.
  mkdirSync(join(folder, 'downloads'))
  for (const { name, url, type } of links) if (type !== 'image') write(`downloads/${name}`, await read(url))
  const checked = await capture('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd: join(folder, 'downloads'), timeout: 30_000 })
  expect(checked.output.trimEnd().split('\n').sort()).toEqual(['hello-1.2.3.tar.gz: OK', 'hello_1.2.3_amd64.deb: OK'])
  const { 'hello_1.2.3_amd64.deb': deb, 'hello-1.2.3.tar.gz': tarball } = contentOf(join(folder, 'prebuilt'))
  expect(contentOf(join(folder, 'downloads'))).toMatchObject({ 'hello_1.2.3_amd64.deb': deb, 'hello-1.2.3.tar.gz': tarball })
  const lasting = await read(`${gitlab.url}/api/v4/projects/acme%2Fhello/releases/${tag}/downloads/hello-1.2.3.tar.gz`)
  expect(lasting.equals(readFileSync(join(folder, 'prebuilt/hello-1.2.3.tar.gz')))).toBe(true)
  const manifest = JSON.parse(readFileSync(join(folder, 'downloads/release-manifest.json'), 'utf8'))
  expect(manifest).toEqual(JSON.parse(readFileSync(join(ended.get('seal') ?? '', '.stagegate/release-manifest.json'), 'utf8')))

  // The jobs again, in any order: nothing is sent, and nobody is asked for more.
  const changes = () => gitlab.requests().filter(({ method }) => !['GET', 'HEAD'].includes(method ?? '')).length
  const before = changes()
  for (const name of ['publish: [tarball]', 'publish: [image]']) expect(await run(name)).toContain('1 already-public')
  expect(await run('announce: [page]')).toContain('The entry was there')
  expect(changes()).toBe(before)
  expect(gitlab.violations()).toEqual([])
})
