// Wall time of whole processes that write a pipeline: Stagegate, projen, and a plain YAML library, in turn.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { capture } from '../tasks/rehearsal.mjs'
import { fail, root } from '../tasks/shell.mjs'

const rounds = 5
/** 12 targets of four jobs each, and what a release has beside them. */
const pipeline = `import { App, Condition, directory, PackageTarget, PipelineKind, PublicRepo, Release, StagingRepo } from 'stagegate'
const app = new App()
const tagged = new PipelineKind(app, 'release', { when: Condition.tag(/^v(?<version>\\d+)$/) })
const staging = new StagingRepo(app, 'staging', { at: directory('/srv/staging') })
const stable = new PublicRepo(app, 'stable', { at: directory('/srv/stable') })
const release: Release = new Release(app, 'acme', { routes: [{ on: tagged, staging, public: stable }] })
for (let number = 1; number <= 12; number++) new PackageTarget(release, \`el/\${number}\`, { build: { script: ['make'] }, packages: 'dist/*' })
export default app
`
const folder = mkdtempSync(join(tmpdir(), 'stagegate-bench-'))
const here = join(root, 'test', 'bench', 'synth')
const medians = new Map()

try {
  const contestants = ['stagegate', 'projen', 'yaml']
  for (const jobs of [50, 1000, 5000]) {
    // In turn, so that what the machine does meanwhile meets all of them.
    const times = Object.fromEntries(contestants.map((name) => [name, []]))
    for (let round = 0; round < rounds; round++) {
      for (const name of contestants) times[name].push(await timeOf([join(here, `${name}.mjs`), String(jobs)]))
    }
    console.log(`${String(jobs).padStart(5)} jobs  ${contestants.map((name) => `${name} ${spread(times[name])}`).join('   ')}`)
    medians.set(jobs, median(times.stagegate))
  }
  const releases = { 250: [], 1250: [] }
  for (let round = 0; round < rounds; round++) {
    for (const targets of Object.keys(releases)) releases[targets].push(await timeOf([join(here, 'release.mjs'), targets]))
  }
  console.log(
    `a release of ${Object.entries(releases)
      .map(([targets, times]) => `${targets} targets ${spread(times)}`)
      .join(', of ')}`,
  )
  const growth = (medians.get(5000) / medians.get(1000)).toFixed(1)
  const start = await best(['-e', '0'])
  const imported = await best(['--input-type=module', '-e', `import ${JSON.stringify(join(root, 'packages/sdk/dist/index.js'))}`])
  const command = await commandTime()
  console.log(`synth: 50 jobs ${command} ms, 5000 jobs ${medians.get(5000)} ms, growth ${growth}, import ${imported - start} ms`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** The whole command as an author types it, on a pipeline.ts of 50 jobs. */
async function commandTime() {
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(join(root, 'packages', 'cli'), join(folder, 'node_modules', 'stagegate'))
  writeFileSync(join(folder, 'pipeline.ts'), pipeline)
  const times = []
  for (let round = 0; round < rounds; round++)
    times.push(await timeOf([join(root, 'packages/cli/dist/stagegate.mjs'), 'synth', '--stdout', join(folder, 'pipeline.ts')]))
  return median(times)
}

async function timeOf(words) {
  const started = performance.now()
  const { exitCode, output } = await capture(process.execPath, words, { cwd: here, timeout: 120_000 })
  if (exitCode !== 0) fail(output)
  return Math.round(performance.now() - started)
}

async function best(words) {
  const times = []
  for (let round = 0; round < rounds; round++) times.push(await timeOf(words))
  return median(times)
}

function median(times) {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)]
}

function spread(times) {
  return `${median(times)} ms [${Math.min(...times)}-${Math.max(...times)}]`
}
