// The code of docs/guide/library.md runs as it stands there.
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { makeDeb, startPackagecloud } from '@stagegate/uploader/testing'
import { expect, onTestFinished, test } from 'vitest'
import { ca, tls } from '../authority.js'
import { contentOf, temporaryFolder } from '../release/files.js'
import { capture } from '../tasks/rehearsal.mjs'

const root = new URL('../..', import.meta.url).pathname
const page = readFileSync(join(root, 'docs/guide/library.md'), 'utf8')

/** A project with a program of the page, and files. */
function project(program: string, files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = temporaryFolder()
  const [, code] = page.match(new RegExp(`^\`\`\`js\\n(// ${program}\\n.*?)^\`\`\``, 'ms')) ?? []
  expect(code, `the page has no ${program}`).toBeDefined()
  for (const [path, data] of Object.entries({ ...files, [program]: code ?? '' })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), data)
  }
  mkdirSync(join(folder, 'node_modules/@stagegate'), { recursive: true })
  symlinkSync(join(root, 'packages/uploader'), join(folder, 'node_modules/@stagegate/uploader'))
  symlinkSync(join(root, 'node_modules/vitest'), join(folder, 'node_modules/vitest'))
  return folder
}

const run = (cwd: string, words: readonly string[], variables: Record<string, string> = {}) =>
  capture(process.execPath, words, { cwd, timeout: 60_000, variables })

test('a JSON log has an event on each line', async () => {
  const folder = project('log.mjs', { 'dist/hello/hello.txt': 'hello' })
  const { output, exitCode } = await run(folder, ['log.mjs'])
  const events = output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).event)
  expect(events).toEqual(expect.arrayContaining(['observed', 'started', 'written', 'verdict']))
  expect(exitCode).toBe(0)
})

test('a run that has no time left is cancelled, and the same run later publishes', async () => {
  const folder = project('limited.mjs', { 'dist/hello/hello.bin': Buffer.alloc(100_000_000) })
  expect(await run(folder, ['limited.mjs'], { MOST: '1' })).toMatchObject({
    output: 'hello/hello.bin undetermined run/cancelled\n',
    exitCode: 4,
  })
  expect(contentOf(join(folder, 'mirror'))).toEqual({})
  expect(await run(folder, ['limited.mjs'])).toMatchObject({ output: 'hello/hello.bin published \n', exitCode: 0 })
})

test('a test with a fake passes by Vitest’s fake timers', async () => {
  const folder = project('release.test.mjs', { 'hello.txt': 'hello', 'package.json': '{ "type": "module" }' })
  const { output, exitCode } = await run(folder, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--root', folder])
  expect(exitCode, output).toBe(0)
  expect(output).toContain('1 passed')
})

test('a server with a certificate of a private authority is trusted by the name of that authority alone', async () => {
  const server = await startPackagecloud({ repositories: { 'acme/stable': { token: 'one', private: false } }, tls })
  onTestFinished(() => server.close())
  const deb = makeDeb({ name: 'hello', version: '1.2.3-1', architecture: 'amd64' })
  const folder = project('private.mjs', { 'dist/ubuntu/jammy/hello.deb': deb, 'company.pem': ca })
  const variables = { PACKAGES_URL: server.url, PACKAGES_TOKEN: 'one' }
  expect(await run(folder, ['private.mjs'], variables)).toMatchObject({
    output: 'ubuntu/jammy/hello.deb published \n',
    exitCode: 0,
  })
})
