// npm run demo: a whole release of examples/quickstart on this machine. gitlab-ci-local runs its jobs as GitLab would; an emulated GitLab on
// loopback, over HTTPS, has the packages, the registry and the page of releases.
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { get } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build, ensureSystemTools, installPackages } from './tasks/install.mjs'
import { commit, copyQuickstart, packInto, runJobs, stagegate } from './tasks/rehearsal.mjs'
import { fail, root } from './tasks/shell.mjs'

installPackages()
if (ensureSystemTools(['rsync']).length > 0) {
  fail(
    'gitlab-ci-local, which runs the demo, needs rsync. Install it (apt install rsync, dnf install rsync, brew install rsync) and run this again.',
  )
}
build()
// They need what was just installed and built.
const { headOf, onGitlab, startWholeGitlab } = await import('./tasks/gitlab.mjs')
const { makeAuthority } = await import('./tasks/authority.mjs')

const tag = 'v1.0.0'
const required = ['ubuntu/jammy', 'debian/bookworm', 'any/any', 'tarball']
const targets = [...required, 'image']
const folder = mkdtempSync(join(tmpdir(), 'stagegate-demo-'))
const checkout = join(folder, 'hello')
const started = Date.now()
const { ca, server: tls } = await makeAuthority()
const gitlab = await startWholeGitlab({ path: 'acme/hello', tag, tls })
try {
  await demonstrate()
} finally {
  await gitlab.close()
}

async function demonstrate() {
  say(
    `A release of examples/quickstart, tag ${tag}, in ${checkout}\nwith an emulated GitLab at ${gitlab.url} and its registry at ${gitlab.registry}`,
  )
  await checkOut()

  say('The pipeline runs automatically up to the gate: prepare, build, stage, seal, deploy to staging and production ...')
  print(linesOf(await jobs({ jobs: ['deploy: [production]'], withNeeds: true }), 'seal'))

  say('The container image is optional. The release did not wait for it; it is sealed by itself, beside the others:')
  print(linesOf(await jobs({ jobs: ['seal: [image]'], withNeeds: true }), 'seal: [image]'))

  say('Everything is held. This is what publishing would do now (stagegate publish --dry-run):')
  await dryRun()

  say('Somebody is certain, and clicks on each publish job. What is public is read back:')
  print(linesOf(await jobs({ jobs: targets.map((target) => `publish: [${target}]`) }), 'publish: '))
  print(linesOf(await jobs({ jobs: targets.map((target) => `verify: [${target}]`) }), 'verify: '))

  say('All of it has passed, so the release gets its entry on the page of releases, with everything at once; the image is added:')
  print(linesOf(await jobs({ jobs: ['announce: [stable]'] }), 'announce: '))
  print(linesOf(await jobs({ jobs: ['announce: [image in stable]'] }), 'announce: '))

  say('The same clicks once more. Nothing moves:')
  const before = changesAsked()
  print(linesOf(await jobs({ jobs: targets.map((target) => `publish: [${target}]`) }), 'publish: '))
  print(linesOf(await jobs({ jobs: ['announce: [stable]'] }), 'announce: ').slice(-1))
  if (changesAsked() !== before) fail('Something was sent to GitLab, and should not have been.')

  say('A member downloads each file from the page and checks it against SHA256SUMS:')
  await download()

  say(`Done in ${Math.round((Date.now() - started) / 1000)} s. GitLab is gone now; look around in ${checkout}:
  .gitlab-ci.yml           the pipeline, written by stagegate synth from pipeline.ts
  RELEASING.md             what a release manager sees and clicks
  .stagegate/              the sealed manifest, the receipts, the verifications
  downloads/               what the member downloaded
  ../jobs.log              everything that the jobs printed`)
}

/** The example as it is, for this GitLab instead of gitlab.com. */
async function checkOut() {
  copyQuickstart(checkout)
  const repositories = join(checkout, 'repositories.ts')
  writeFileSync(repositories, onGitlab(readFileSync(repositories, 'utf8'), gitlab, ca))
  mkdirSync(join(checkout, 'node_modules'))
  symlinkSync(join(root, 'packages/cli'), join(checkout, 'node_modules/stagegate'))
  const { exitCode, output } = await stagegate(checkout, ['synth'])
  if (exitCode !== 0) fail(output)
  rmSync(join(checkout, 'node_modules'), { recursive: true })
  packInto(join(checkout, 'packed'))
  commit(checkout, tag)
  gitlab.push(headOf(checkout))
}

async function jobs(what) {
  const token = gitlab.startJob(what.jobs.join(', '))
  const { exitCode, log } = await runJobs(checkout, { tag, ...what, variables: { CI_JOB_TOKEN: token } })
  gitlab.endJob(token)
  if (exitCode === 0) return log
  console.log(log.split('\n').slice(-40).join('\n'))
  return fail(`The pipeline failed. Everything that the jobs printed is in ${join(folder, 'jobs.log')}`)
}

/** What jobs of this name printed, without the runner's own lines and those of sha256sum. */
function linesOf(log, job) {
  return log
    .split('\n')
    .filter((line) => line.startsWith(job))
    .flatMap((line) => /^(?:\S+: \[[^\]]*\]|\S+)\s+> ?(.*)$/.exec(line)?.[1] ?? [])
    .filter((line) => !/^\.stagegate\/\S+: OK$/.test(line))
}

function print(lines) {
  for (const line of lines) console.log(`  ${line}`)
}

async function dryRun() {
  const token = gitlab.startJob('dry run')
  const { exitCode, output } = await stagegate(checkout, ['publish', '--dry-run', '--rehearsal'], { variables: { CI_JOB_TOKEN: token } })
  gitlab.endJob(token)
  print(output.trimEnd().split('\n'))
  if (exitCode !== 0) fail(`stagegate publish --dry-run failed with exit code ${exitCode}`)
}

/** How many requests asked for a change. */
function changesAsked() {
  return gitlab.requests().filter(({ method }) => !['GET', 'HEAD'].includes(method)).length
}

async function download() {
  const token = gitlab.startJob('a member')
  const page = JSON.parse(await fetched(`${gitlab.url}/api/v4/projects/acme%2Fhello/releases/${tag}`, token))
  const links = page.assets.links
  const to = join(checkout, 'downloads')
  mkdirSync(to)
  const sums = new Map()
  for (const { name, url } of links.filter(({ name }) => name.startsWith('SHA256SUMS')))
    for (const line of String(await fetched(url, token))
      .trimEnd()
      .split('\n'))
      sums.set(line.slice(66), { sum: line.slice(0, 64), by: name })
  for (const { name, url, link_type: type } of links) {
    if (type === 'image') {
      print([`image     ${name}`])
      continue
    }
    const bytes = await fetched(url, token)
    const { sum } = sums.get(name) ?? {}
    if (sum !== undefined && createHash('sha256').update(bytes).digest('hex') !== sum) fail(`${name} is not what SHA256SUMS says.`)
    mkdirSync(join(to, name, '..'), { recursive: true })
    writeFileSync(join(to, name), bytes)
    print([`${sum === undefined ? 'read     ' : 'checked  '} ${name}, ${bytes.length} bytes`])
  }
  gitlab.endJob(token)
  if (sums.size !== required.length) fail(`SHA256SUMS has ${sums.size} files, and ${required.length} were released.`)
}

/** As a browser follows the storage's address, without the token. */
function fetched(url, token) {
  return new Promise((resolve, reject) => {
    get(url, { ca, headers: token === undefined ? {} : { 'job-token': token } }, (answer) => {
      const { location } = answer.headers
      const parts = []
      answer.on('data', (part) => parts.push(part))
      answer.on('error', reject)
      answer.on('end', () => {
        if (location !== undefined) resolve(fetched(new URL(location, url).href))
        else if (answer.statusCode === 200) resolve(Buffer.concat(parts))
        else reject(new Error(`${url} was answered with ${answer.statusCode}`))
      })
    }).on('error', reject)
  })
}

function say(line) {
  console.log(`\n${line}`)
}
