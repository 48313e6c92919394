import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { App } from 'stagegate'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { temporaryFolder } from './release/files.js'
import { capture, commit, stagegate } from './tasks/rehearsal.mjs'

const root = new URL('..', import.meta.url).pathname
/** The others are programs. */
const pipelines = readdirSync(join(root, 'examples')).filter((name) => existsSync(join(root, 'examples', name, '.gitlab-ci.yml')))

test.each(pipelines)('gitlab-ci-local accepts the pipeline of examples/%s', { timeout: 300_000 }, async (name) => {
  const command = join(root, 'test/node_modules/.bin/gitlab-ci-local')
  // It looks for included files from the top of the checkout.
  const folder = temporaryFolder()
  cpSync(join(root, 'examples', name), folder, { recursive: true, filter: (path) => !path.includes('node_modules') })
  commit(folder, 'v1.2.3')
  const listed = await capture(command, ['--list'], { cwd: folder, timeout: 60_000 })
  expect(listed.exitCode, listed.output).toBe(0)
})

test.each(pipelines)('the types of examples/%s fit', { timeout: 300_000 }, async (name) => {
  const project = [`examples/${name}/release`, `examples/${name}`].find((path) => existsSync(join(root, path, 'tsconfig.json'))) ?? ''
  const checked = await capture(join(root, 'node_modules/.bin/tsc'), ['--noEmit', '-p', project], { cwd: root, timeout: 60_000 })
  expect(checked.exitCode, checked.output).toBe(0)
})

/** The gates of each example, and of some of its kinds. */
const gatesOf: Readonly<Record<string, string>> = {
  quickstart: 'seal, deploy: [staging], deploy: [production] before it',
  'self-hosted': 'seal, deploy: [check] before it',
  beside: 'seal, deploy: [staging], deploy: [production] before it',
  candidates: 'seal, deploy: [installation] before it; in the kind final deploy: [demo], too',
  omnibus: 'seal, deploy: [staging-check] before it; in the kind ee-rc deploy: [rc-deploy], too',
}

test.each(pipelines)('audit proves the gate of examples/%s from its YAML alone', { timeout: 300_000 }, async (name) => {
  const audited = await stagegate(join(root, 'examples', name), ['audit', '.gitlab-ci.yml'])
  expect(audited.exitCode, audited.output).toBe(0)
  expect(audited.stdout).toContain('The gate holds: ')
  const kinds = audited.stdout.split('\n').filter((line) => line.startsWith('Can publish '))
  expect(new Set(kinds).size).toBe(kinds.length)
  const { [name]: gates } = gatesOf
  expect(audited.stdout).toContain(`a click on a protected ref, and ${gates}.\n`)
})

test('gitlab-ci-local makes of the shared parts of examples/omnibus the jobs that synth means', { timeout: 300_000 }, async () => {
  const { default: app }: { default: App } = await import(join(root, 'examples/omnibus/pipeline.ts'))
  const synthesis = app.synth()
  const { jobs, ...keywords } = synthesis.document
  const written = synthesis.files[0]?.text ?? ''
  expect(written).toContain('extends: [.stagegate:publish, .stagegate:publish:rules]')
  // YAML takes JSON.
  const [whole, shared] = await Promise.all([JSON.stringify({ ...keywords, ...jobs }), written].map(jobsOf))
  expect(Object.keys(shared ?? {}).length).toBeGreaterThan(100)
  expect(shared).toEqual(whole)
})

/** The jobs of a pipeline as gitlab-ci-local resolves them. */
async function jobsOf(text: string): Promise<Readonly<Record<string, unknown>>> {
  const folder = temporaryFolder()
  cpSync(join(root, 'examples/omnibus/ci'), join(folder, 'ci'), { recursive: true })
  writeFileSync(join(folder, '.gitlab-ci.yml'), text)
  commit(folder, '18.1.2+ee.0')
  // Into a file: it ends without waiting until a pipe has taken everything.
  const command = join(root, 'test/node_modules/.bin/gitlab-ci-local')
  const shown = await capture('sh', ['-c', '"$0" --preview > preview.yml', command], { cwd: folder, timeout: 60_000 })
  expect(shown.exitCode, shown.output).toBe(0)
  return Object.fromEntries(
    Object.entries<unknown>(parse(readFileSync(join(folder, 'preview.yml'), 'utf8'))).map(([name, body]) => [
      name,
      typeof body === 'object' && body !== null && 'extends' in body ? { ...body, extends: undefined } : body,
    ]),
  )
}

test.each(pipelines)('RELEASING.md of examples/%s names every job that waits for a click', async (name) => {
  const isBeside = existsSync(join(root, 'examples', name, 'release'))
  const [author, runbookPath] = isBeside ? ['release/pipeline.ts', 'ci/RELEASING.md'] : ['pipeline.ts', 'RELEASING.md']
  const { default: app }: { default: App } = await import(join(root, 'examples', name, author))
  const folder = join(root, 'examples', name)
  const readLocal = (path: string) => (existsSync(join(folder, path)) ? readFileSync(join(folder, path), 'utf8') : undefined)
  const synthesis = app.synth({ readLocal })
  const runbook = readFileSync(join(folder, runbookPath), 'utf8')
  const publishing = Object.entries(synthesis.plan.kinds).flatMap(([kind, { publishes }]) => (publishes ? [kind] : []))
  expect(publishing).not.toEqual([])
  for (const kind of publishing) {
    const chapters = runbook.split(/^(?=## )/m).filter((chapter) => chapter.split('\n', 1)[0]?.endsWith(`, ${kind}`))
    const isManual = (job: string) =>
      synthesis.explain(job).some((one) => one.kind === kind && one.ways.some(({ start }) => start === 'manual'))
    expect(Object.keys(synthesis.whole.jobs).filter((job) => isManual(job) && !chapters.join('').includes(`\`${job}\``))).toEqual([])
  }
})
