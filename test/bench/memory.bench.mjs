// Peak memory of staging and publishing one package of 1 GiB through the packagecloud client, over HTTPS; plain http beside it.
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { capture, commit } from '../tasks/rehearsal.mjs'
import { fail, root } from '../tasks/shell.mjs'
import { ensureAuthority } from '../tasks/trust.mjs'
import { inFolder } from './contest.mjs'

const uploader = join(root, 'packages', 'uploader', 'dist', 'testing', 'index.js')
const sdk = join(root, 'packages', 'sdk', 'dist', 'index.js')
const command = join(root, 'packages', 'cli', 'dist', 'stagegate.mjs')
const { makeDeb, startPackagecloud } = await import(uploader)
const { App, Condition, PackageTarget, packagecloud, PipelineKind, PublicRepo, Release, Secret, StagingRepo } = await import(sdk)

const size = 1024 ** 3
const authority = await ensureAuthority()
const peak = await peakOver({ tls: authority.server })
await peakOver({})
console.log(`memory: peak ${peak} MiB`)

/** In MiB. */
function peakOver(scheme) {
  return inFolder(
    6,
    async (folder, keep) => {
      const server = await startPackagecloud({
        repositories: { 'acme/staging': { token: 'one', private: true }, 'acme/stable': { token: 'two' } },
        storage: join(folder, 'server'),
        ...scheme,
      })
      keep({ stop: () => server.close() })
      console.log(server.url.split(':', 1)[0])
      const checkout = join(folder, 'checkout')
      writePipeline(checkout, server.url)
      writeLargeDeb(join(checkout, 'large.deb'))
      const peaks = [await peakOf(checkout, ['stage', '--target', 'ubuntu/jammy', 'large.deb'])]
      await peakOf(checkout, ['seal'])
      peaks.push(await peakOf(checkout, ['publish']))
      const [stored] = server.packages('acme/stable')
      if (stored === undefined || stored.digests.size < size) fail('The package did not arrive.')
      return Math.max(...peaks)
    },
    { onDisk: true },
  )
}

/** A project with one target. */
function writePipeline(checkout, url) {
  const app = new App()
  const tagged = new PipelineKind(app, 'release', { when: Condition.tag(/^v(?<version>.*)$/) })
  const at = (name, variable) => ({
    at: packagecloud(`acme/${name}`, { url, ca: url.startsWith('https:') ? authority.ca : undefined, token: Secret.variable(variable) }),
  })
  const staging = new StagingRepo(app, 'staging', at('staging', 'STAGING_TOKEN'))
  const stable = new PublicRepo(app, 'stable', at('stable', 'PUBLIC_TOKEN'))
  const release = new Release(app, 'large', { routes: [{ on: tagged, staging, public: stable }] })
  new PackageTarget(release, 'ubuntu/jammy', { build: { script: ['make'] }, packages: '*.deb' })
  const { files, ok, issues } = app.synth()
  if (!ok) fail(JSON.stringify(issues))
  mkdirSync(checkout)
  for (const { path, text } of files) writeFileSync(join(checkout, path), text)
  commit(checkout, 'v1.0.0')
}

/** A sound package whose payload is 1 GiB: the last member of the archive is made larger. */
function writeLargeDeb(path) {
  const small = Buffer.from(makeDeb({ name: 'large', version: '1.0.0-1', architecture: 'amd64' }))
  const header = small.lastIndexOf('data.tar')
  small.write(String(size).padEnd(10), header + 48)
  const file = openSync(path, 'w')
  writeSync(file, small.subarray(0, header + 60))
  const chunk = Buffer.alloc(1024 * 1024)
  for (let index = 0; index < size / chunk.length; index++) {
    chunk.writeUInt32LE(index, (index * 64) % (chunk.length - 4))
    writeSync(file, chunk)
  }
  closeSync(file)
}

/** In MiB. */
async function peakOf(cwd, words) {
  const file = join(dirname(cwd), 'peak')
  const started = Date.now()
  const variables = { STAGEGATE_REHEARSAL: '1', STAGING_TOKEN: 'one', PUBLIC_TOKEN: 'two', PEAK_FILE: file }
  const { exitCode, output } = await capture(process.execPath, ['--import', join(root, 'test/bench/peak.mjs'), command, ...words], {
    cwd,
    timeout: 600_000,
    variables,
  })
  if (exitCode !== 0) fail(output)
  const peak = Math.ceil(Number(readFileSync(file, 'utf8')) / 1024)
  console.log(`${words[0].padEnd(8)} ${peak} MiB, ${((Date.now() - started) / 1000).toFixed(1)} s`)
  return peak
}
