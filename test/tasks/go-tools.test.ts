import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../release/files.js'
import { capture } from './rehearsal.mjs'

const root = new URL('../..', import.meta.url).pathname

/** A machine with this program for `go`, and a cache of its own. */
function machine(go: string | undefined) {
  const folder = temporaryFolder()
  const [bin, cache] = [join(folder, 'bin'), join(folder, 'cache')]
  mkdirSync(bin)
  // Without the machine's own go.
  symlinkSync('/bin/sh', join(bin, 'sh'))
  if (go !== undefined) {
    writeFileSync(join(bin, 'go'), `#!/bin/sh\necho "$@" >> ${folder}/asked\n${go}\n`)
    chmodSync(join(bin, 'go'), 0o755)
  }
  const run = async (call: string) => {
    const program = `import * as tools from './test/tasks/go-tools.mjs'; console.log('result:', ${call})`
    const variables = { PATH: bin, XDG_CACHE_HOME: cache }
    const { output } = await capture(process.execPath, ['--input-type=module', '-e', program], { cwd: root, timeout: 20_000, variables })
    return output
  }
  const asked = () => (existsSync(join(folder, 'asked')) ? readFileSync(join(folder, 'asked'), 'utf8').trim().split('\n') : [])
  return { run, asked, cached: () => (existsSync(join(cache, 'stagegate-tests')) ? readdirSync(join(cache, 'stagegate-tests')) : []) }
}

test('a tool is built once, in its pinned version, and kept in the user’s cache', async () => {
  const { run, asked, cached } = machine('echo tool > "$GOBIN/crane"')
  const first = await run("tools.goTool('crane')")
  expect(first).toMatch(/building crane v.*, once for this machine/)
  expect(first).toMatch(/result: .*\/stagegate-tests\/crane@v\d+\.\d+\.\d+\n$/)
  expect(await run("tools.goTool('crane')")).toBe(first.slice(first.indexOf('result: ')))
  expect(await run("tools.builtGoTool('crane')")).toBe(first.slice(first.indexOf('result: ')))
  expect(asked()).toEqual([expect.stringMatching(/^install github\.com\/google\/go-containerregistry\/cmd\/crane@v\d/)])
  expect(cached()).toEqual([expect.stringMatching(/^crane@v/)])
})

test.each([
  ['fails', 'echo part > "$GOBIN/crane"; exit 1'],
  ['is not there', undefined],
])('where go %s there is no tool, and nothing is left that could be taken for one', async (_, go) => {
  const { run, cached } = machine(go)
  expect(await run("tools.goTool('crane')")).toMatch(/result: undefined\n$/)
  expect(cached()).toEqual([])
})

test('a test that needs it says how to get it', async () => {
  const { run } = machine(undefined)
  expect(await run("tools.builtGoTool('registry')")).toMatch(
    /This test needs registry v3\..* is built .* when Go is installed.* Run npm test once/,
  )
})
