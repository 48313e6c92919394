// npm run demo: a whole release of examples/quickstart on this machine, run by gitlab-ci-local as GitLab would run it.
import { mkdtempSync, readdirSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { build, ensureSystemTools, installPackages } from './tasks/install.mjs'
import { commit, copyQuickstart, packInto, runJobs, stagegate } from './tasks/rehearsal.mjs'
import { fail } from './tasks/shell.mjs'

installPackages()
if (ensureSystemTools(['rsync']).length > 0) {
  fail(
    'gitlab-ci-local, which runs the demo, needs rsync. Install it (apt install rsync, dnf install rsync, brew install rsync) and run this again.',
  )
}
build()

const tag = 'v1.0.0'
const targets = ['ubuntu/jammy', 'debian/bookworm', 'any/any', 'image']
const folder = mkdtempSync(join(tmpdir(), 'stagegate-demo-'))
const checkout = join(folder, 'hello')
const started = Date.now()

say(`A release of examples/quickstart, tag ${tag}, in ${checkout}`)
copyQuickstart(checkout)
packInto(join(checkout, 'packed'))
commit(checkout, tag)

say('The pipeline runs by itself up to the gate: prepare, build, stage, seal, deploy to staging and production ...')
const first = await jobs({ jobs: ['deploy: [production]'], withNeeds: true })
print(linesOf(first, 'seal'))

say('The container image is optional. The release did not wait for it; it is sealed by itself, beside the others:')
print(linesOf(await jobs({ jobs: ['seal: [image]'], withNeeds: true }), 'seal: [image]'))

say('Everything is held. This is what publishing would do now (stagegate publish --dry-run):')
await dryRun()

say('Somebody is certain, and clicks on each publish job:')
print(linesOf(await jobs({ jobs: targets.map((target) => `publish: [${target}]`) }), 'publish: '))
print(linesOf(await jobs({ jobs: targets.map((target) => `verify: [${target}]`) }), 'verify: '))

say('The same clicks once more. Nothing moves:')
const before = publicFiles()
print(linesOf(await jobs({ jobs: targets.map((target) => `publish: [${target}]`) }), 'publish: '))
const after = publicFiles()
if (JSON.stringify(before) !== JSON.stringify(after)) fail('The public repositories changed, and should not have.')

say('The public repositories now have:')
for (const { path } of after) console.log(`  ${path}`)
say(`Done in ${Math.round((Date.now() - started) / 1000)} s. Look around in ${checkout}:
  .gitlab-ci.yml           the pipeline, written by stagegate synth from pipeline.ts
  RELEASING.md             what a release manager sees and clicks
  repositories/            the private staging repositories and the public ones
  .stagegate/              the sealed manifest, the receipts, the verifications
  ../jobs.log              everything that the jobs printed
Change a byte in repositories/staging, delete a file in repositories/stable, and see what publishing says then:
  cd ${checkout} && node .stagegate/stagegate.mjs publish --rehearsal`)

async function jobs(what) {
  const { exitCode, log } = await runJobs(checkout, { tag, ...what })
  if (exitCode === 0) return log
  console.log(log.split('\n').slice(-40).join('\n'))
  return fail(`The pipeline failed. Everything that the jobs printed is in ${join(folder, 'jobs.log')}`)
}

/** What jobs of this name printed, without the runner's own lines. */
function linesOf(log, job) {
  return log
    .split('\n')
    .filter((line) => line.startsWith(job))
    .flatMap((line) => /^(?:\S+: \[[^\]]*\]|\S+)\s+> ?(.*)$/.exec(line)?.[1] ?? [])
}

function print(lines) {
  for (const line of lines) console.log(`  ${line}`)
}

async function dryRun() {
  const { exitCode, output } = await stagegate(checkout, ['publish', '--dry-run', '--rehearsal'])
  print(output.trimEnd().split('\n'))
  if (exitCode !== 0) fail(`stagegate publish --dry-run failed with exit code ${exitCode}`)
}

function publicFiles() {
  return ['stable', 'images'].flatMap((name) => filesIn(join(checkout, 'repositories', name)))
}

function filesIn(place) {
  const paths = readdirSync(place, { recursive: true, encoding: 'utf8' }).filter((path) => statSync(join(place, path)).isFile())
  return paths.sort().map((path) => ({ path: relative(checkout, join(place, path)), changed: statSync(join(place, path)).mtimeMs }))
}

function say(line) {
  console.log(`\n${line}`)
}
