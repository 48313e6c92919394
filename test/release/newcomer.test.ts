import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeDeb } from '@stagegate/uploader/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ca, tls } from '../authority.js'
import { headOf, onGitlab, startWholeGitlab, type WholeGitlab } from '../tasks/gitlab.mjs'
import { capture, commit, stagegate } from '../tasks/rehearsal.mjs'
import { contentOf, temporaryFolder } from './files.js'
import { makeUp, withStagegate, YamlJobs } from './yaml-jobs.js'

/*
 * Somebody with a project on GitLab copies the README's one file and tags a version. The jobs run as the YAML says, word for word, each in a
 * folder of its own with the artifacts that it needs; only what builds (make, docker) and what installs the command (npm) is made up. There is
 * one token, the job's own, and one GitLab.
 */

const root = new URL('../..', import.meta.url).pathname
const tag = 'v1.2.3'
const notes = '- Opens the door.'

let gitlab: WholeGitlab
let folder: string
let jobs: YamlJobs
const run = (name: string) => jobs.run(name)

beforeAll(async () => {
  gitlab = await startWholeGitlab({ path: 'acme/hello', tag, tls })
  folder = join(temporaryFolder(), 'hello')
  withStagegate(folder)
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
  jobs = new YamlJobs(folder, { gitlab, tag })
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
  write('prebuilt/hello_1.2.3_amd64.deb', makeDeb({ name: 'hello', version: '1.2.3', architecture: 'amd64', size: 100_000 }))
  execFileSync('tar', ['-czf', join(folder, 'prebuilt/hello-1.2.3.tar.gz'), 'README.md'], { cwd: root })
  cpSync(join(root, 'examples/quickstart/scripts'), join(folder, 'prebuilt/scripts'), { recursive: true })
  const tools = {
    npm: 'test "$1" = ci',
    make: 'mkdir -p dist; case $1 in deb) cp prebuilt/*.deb dist/;; tarball) cp prebuilt/*.tar.gz dist/;; deploy) find incoming -type f;; esac',
    docker: 'node prebuilt/scripts/image.mjs',
  }
  for (const [name, script] of Object.entries(tools)) makeUp(folder, name, script)
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
  expect(await run('announce: [page]')).toContain('Created the entry with')

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
  expect(manifest).toEqual(JSON.parse(readFileSync(join(jobs.artifactsOf('seal'), '.stagegate/release-manifest.json'), 'utf8')))

  // The jobs again, in any order: nothing is sent, and nobody is asked for more.
  const changes = () => gitlab.requests().filter(({ method }) => !['GET', 'HEAD'].includes(method ?? '')).length
  const before = changes()
  for (const name of ['publish: [tarball]', 'publish: [image]']) expect(await run(name)).toContain('1 already-public')
  expect(await run('announce: [page]')).toContain('The entry already existed')
  expect(changes()).toBe(before)
  expect(gitlab.violations()).toEqual([])
})
