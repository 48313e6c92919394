import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import type { App } from './index.js'

// The README's files lie side by side, as an author would have them, in a folder that git ignores.
const here = fileURLToPath(new URL('..', import.meta.url))
const folder = join(here, '.stagegate', 'readme')
const readme = readFileSync(join(here, 'README.md'), 'utf8')
const blocks = [...readme.matchAll(/^```ts\n\/\/ (\S+)\n([\s\S]*?)^```$/gm)].map(([, name = '', text = '']) => ({ name, text }))
const files = blocks.filter(({ name }) => !name.includes('/'))

rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
for (const { name, text } of files)
  writeFileSync(join(folder, name), text.replaceAll(/'@stagegate\/sdk(\/testing)?'/g, "'../../src$1/index.js'"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const load = (name: string) => import(/* @vite-ignore */ pathToFileURL(join(folder, name)).href)

test('every block of code names its file', () => {
  expect(files.map(({ name }) => name)).toEqual([
    'pipeline.ts',
    'deploy.ts',
    'builds.ts',
    'ops.ts',
    'editions.ts',
    'flavours.ts',
    'secrets.ts',
    'pipeline.test.ts',
    'proof.test.ts',
    'exceptions.ts',
    'service.ts',
  ])
  expect(readme.match(/^```ts/gm)).toHaveLength(blocks.length)
})

test('its quotes from the omnibus example are in the example, which has its own tests', () => {
  const omnibus = readFileSync(join(here, '../../examples/omnibus/pipeline.ts'), 'utf8')
  const quoted = blocks.filter(({ name }) => name === 'omnibus/pipeline.ts')
  expect(quoted.length + files.length).toBe(blocks.length)
  expect(quoted.length).toBeGreaterThan(5)
  let from = 0
  for (const { text } of quoted) {
    // In the example's own order.
    expect(omnibus.slice(from)).toContain(text)
    from = omnibus.indexOf(text, from) + text.length
  }
})

test('its code compiles, under the strictest settings', () => {
  const config = {
    extends: '../../../../tsconfig.base.json',
    compilerOptions: { allowImportingTsExtensions: true, customConditions: ['@stagegate/source'] },
    include: ['*.ts'],
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
  const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc')
  expect(execFileSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' })).toBe('')
})

// Its own tests, registered here.
describe('the README’s test', async () => {
  await load('pipeline.test.ts')
  await load('proof.test.ts')
})

test('its larger release has nothing to report, and one click', async () => {
  const { default: app }: { default: App } = await load('editions.ts')
  const synthesis = app.synth()
  expect(synthesis.issues).toEqual([])
  expect(synthesis.pipeline({ tag: 'v1.2.3', protected: true }).manual).toEqual([
    'machine image',
    'approve',
    'publish: [raspbian/bookworm]',
    'homebrew',
  ])
  expect(synthesis.pipeline({ tag: 'v1.2.3-rc1', protected: true }).kind).toBe('rc')
})

test('its exceptions leave nothing to report, and are in the header', async () => {
  const { written } = await load('exceptions.ts')
  expect(written).toEqual(['.gitlab-ci.yml', 'release-plan.json', 'RELEASING.md'])
  const { default: app }: { default: App } = await load('pipeline.ts')
  const { files: output, issues } = app.synth()
  expect(issues).toEqual([])
  expect(
    output[0]?.text
      .split('\n')
      .filter((line) => line.startsWith('# '))
      .slice(1, 5),
  ).toEqual([
    '# patched: the compliance team’s jobs',
    '# build: [ubuntu/jammy]: artifacts.reports.junit overridden: shown in merge requests',
    '# accepted: isolation/image-not-pinned: our mirror never moves a tag',
    '# accepted: isolation/command-not-pinned: see the build of our runner image',
  ])
})
