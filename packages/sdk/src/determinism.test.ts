import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'tsup'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { smallRelease } from './testing/small-release.js'

const folder = mkdtempSync(join(tmpdir(), 'stagegate-sdk-'))
const program = join(folder, 'small-release.js')

// Everything in one file, from the sources, so that a process of its own can run it.
beforeAll(async () => {
  await build({
    entry: [fileURLToPath(new URL('testing/small-release.ts', import.meta.url))],
    outDir: folder,
    format: 'esm',
    target: 'node20',
    config: false,
    silent: true,
    noExternal: [/./],
    outExtension: () => ({ js: '.js' }),
    esbuildOptions: (options) => {
      options.conditions = ['@stagegate/source', 'node', 'import']
    },
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  })
})
afterAll(() => rmSync(folder, { recursive: true }))

test('a separate process, in another place and time zone, writes the same text', () => {
  const script = `import { smallRelease } from ${JSON.stringify(program)}
console.log(JSON.stringify(smallRelease().app.synth().files))`
  const run = (env: NodeJS.ProcessEnv, cwd: string): { path: string; text: string }[] =>
    JSON.parse(
      execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8', cwd, env: { ...process.env, ...env } }),
    )
  const one = run({ TZ: 'UTC', LANG: 'C' }, folder)
  const other = run({ TZ: 'Pacific/Auckland', LANG: 'tr_TR.UTF-8', CI: 'true' }, tmpdir())
  expect(other).toEqual(one)
  // Here the lines are those of the source, there those of the bundle.
  const withoutPlaces = (text: string) => text.replaceAll(/^# .*$|small-release\.[jt]s/gm, '')
  expect(one.map(({ text }) => withoutPlaces(text))).toEqual(
    smallRelease()
      .app.synth()
      .files.map(({ text }) => withoutPlaces(text)),
  )
})
