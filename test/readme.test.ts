import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseProgramReceipt } from '@stagegate/schema'
import { makeDeb, startPackagecloud, startRegistry } from '@stagegate/uploader/testing'
import { expect, onTestFinished, test } from 'vitest'
import { ca, tls } from './authority.js'
import { contentOf, packagesIn, temporaryFolder } from './release/files.js'
import { packagecloudRepositories, World } from './release/world.js'
import { capture, stagegate } from './tasks/rehearsal.mjs'

const root = new URL('..', import.meta.url).pathname

/** The code of a Markdown file that begins like this. */
function codeOf(file: string, beginning: string): string {
  const blocks = [...readFileSync(join(root, file), 'utf8').matchAll(/^```(?:ts|js)\n(.*?)^```/gms)].map(([, code]) => code ?? '')
  const found = blocks.find((code) => code.startsWith(beginning))
  expect(found, `${file} has no code that begins with ${beginning}`).toBeDefined()
  return found ?? ''
}

/** A project whose pipeline is the README's. */
function project(): string {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'node_modules'))
  for (const name of ['vitest', 'stagegate']) {
    symlinkSync(name === 'vitest' ? join(root, 'node_modules/vitest') : join(root, 'packages/cli'), join(folder, 'node_modules', name))
  }
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  writeFileSync(join(folder, 'CHANGELOG.md'), '# Changelog\n')
  writeFileSync(join(folder, 'pipeline.ts'), codeOf('README.md', 'import { App,'))
  return folder
}

/** With the packages to import, as after npm install. */
function linkPackages(world: World): void {
  mkdirSync(world.path('node_modules/@stagegate'), { recursive: true })
  for (const name of ['schema', 'uploader']) symlinkSync(join(root, 'packages', name), world.path('node_modules/@stagegate', name))
}

test('the README’s pipeline.ts is synthesized, and its test passes', async () => {
  const folder = project()
  writeFileSync(join(folder, 'pipeline.test.ts'), codeOf('README.md', "import { expect, test } from 'vitest'"))

  const synth = await stagegate(folder, ['synth'])
  expect(synth.exitCode, synth.output).toBe(0)
  expect(Object.keys(contentOf(folder))).toEqual(expect.arrayContaining(['.gitlab-ci.yml', 'RELEASING.md', 'release-plan.json']))
  const tested = await capture(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--root', folder], {
    cwd: folder,
    timeout: 60_000,
  })
  expect(tested.exitCode, tested.output).toBe(0)
})

test.each([
  { file: 'image.ts', call: 'addImage', target: 'worker' },
  { file: 'files.ts', call: 'addFiles', target: 'binaries' },
])('the README’s $file joins that release', async ({ file, call, target }) => {
  const folder = project()
  writeFileSync(join(folder, file), codeOf('README.md', `// ${file}`))
  const added = `import { ${call} } from './${file}'\n${call}(release, tagged)\n`
  writeFileSync(join(folder, 'pipeline.ts'), `${codeOf('README.md', 'import { App,')}${added}`)
  const synth = await stagegate(folder, ['synth'])
  expect(synth.exitCode, synth.output).toBe(0)
  const jobs = await stagegate(folder, ['explain', '--tag', 'v1.2.3'])
  for (const phase of ['build', 'stage', 'publish', 'verify']) expect(jobs.stdout).toContain(`${phase}: [${target}]`)
})

test('the uploader’s README’s repository of one’s own joins that release', async () => {
  const folder = project()
  mkdirSync(join(folder, 'release'))
  writeFileSync(join(folder, 'release/shelf.mjs'), codeOf('packages/uploader/README.md', '// shelf.mjs'))
  writeFileSync(join(folder, 'shelf.ts'), codeOf('packages/uploader/README.md', '// shelf.ts'))
  const added = "import { addShelf } from './shelf.ts'\naddShelf(app)\n"
  writeFileSync(join(folder, 'pipeline.ts'), `${codeOf('README.md', 'import { App,')}${added}`)
  const synth = await stagegate(folder, ['synth'])
  expect(synth.exitCode, synth.output).toBe(0)
  expect(readFileSync(join(folder, '.gitlab-ci.yml'), 'utf8')).toContain('cp release/shelf.mjs .stagegate/modules/release/shelf.mjs')
})

test('the README’s program publishes', async () => {
  const world = await World.sealed()
  linkPackages(world)
  world.write('publish.mjs', codeOf('README.md', "import { readFileSync } from 'node:fs'"))
  const result = await capture(process.execPath, ['publish.mjs'], { cwd: world.checkout, timeout: 30_000 })
  expect(result.exitCode, result.output).toBe(0)
  expect(result.stdout).toContain('published hello_1.2.3-1_amd64.deb')
  expect(packagesIn(world.path('repositories/stable'))).toEqual(packagesIn(world.path('repositories/staging')))
})

test('the uploader’s README shows which repository refused the credential, and in which call', async () => {
  const server = await startPackagecloud({ repositories: { 'acme/staging': { token: 'right' }, 'acme/stable': { token: 'right' } }, tls })
  onTestFinished(() => server.close())
  const world = await World.built({ repositories: packagecloudRepositories(server.url) })
  linkPackages(world)
  world.write('told.mjs', codeOf('packages/uploader/README.md', 'import { RepositoryError }'))
  world.write('stage.mjs', staging(world.built('ubuntu/jammy')))
  const result = await capture(process.execPath, ['stage.mjs'], {
    cwd: world.checkout,
    variables: { STAGING_TOKEN: 'wrong' },
    timeout: 30_000,
  })
  expect(result.exitCode, result.output).toBe(1)
  expect(result.output).toMatch(/^staging, repository staging: observe failed for good: hello_1\.2\.3-1_amd64\.deb .* is not in staging: /m)
})

/** A program that stages one file. */
function staging(file: string): string {
  return `import { readFileSync } from 'node:fs'
import { parseReleasePlan } from '@stagegate/schema'
import { createEnvironment, openRepositories, stage } from '@stagegate/uploader'
import { readCheckout, rehearsalOrigin } from '@stagegate/uploader/gitlab'
import { told } from './told.mjs'
const plan = parseReleasePlan(readFileSync('release-plan.json', 'utf8'), 'release-plan.json')
const environment = createEnvironment({ variables: process.env, base: process.cwd(), rehearsal: true })
const repositories = openRepositories(plan, new Map([['staging', 'write']]), environment)
const origin = rehearsalOrigin(plan, await readCheckout(process.cwd()), 'stage: [ubuntu/jammy]')
await told(stage(plan, { target: 'ubuntu/jammy', files: ['${file}'], origin, repositories }))
`
}

test('the README’s servers have an authority of their own in the plan', async () => {
  const folder = project()
  mkdirSync(join(folder, 'certificates'))
  writeFileSync(join(folder, 'certificates/company.pem'), ca)
  writeFileSync(join(folder, 'servers.ts'), codeOf('README.md', '// servers.ts'))
  const program = `import { Condition, directory, PackageTarget, PipelineKind, PublicRepo, Release, StagingRepo } from 'stagegate'
import { app, images, stable } from './servers.ts'
const tagged = new PipelineKind(app, 'release', { when: Condition.tag(/^v(?<version>.+)$/) })
new StagingRepo(app, 'images', { at: images })
const staging = new StagingRepo(app, 'staging', { at: directory('/srv/staging') })
const release = new Release(app, 'acme', { routes: [{ on: tagged, staging, public: new PublicRepo(app, 'company', { at: stable }) }] })
new PackageTarget(release, 'ubuntu/jammy', { build: { script: ['make'] }, packages: '*.deb' })
export default app
`
  writeFileSync(join(folder, 'pipeline.ts'), program)
  const synth = await stagegate(folder, ['synth'])
  expect(synth.exitCode, synth.output).toBe(0)
  const plan = JSON.parse(readFileSync(join(folder, 'release-plan.json'), 'utf8'))
  expect([plan.project.ca, plan.repositories.images.ca].every((text) => text.startsWith('-----BEGIN CERTIFICATE-----'))).toBe(true)
})

test('the uploader’s README releases a folder to two places, and copies an image', async () => {
  const world = await World.built()
  linkPackages(world)
  world.write('folder.mjs', codeOf('packages/uploader/README.md', '// folder.mjs'))
  const deb = makeDeb({ name: 'hello', version: '1.2.3-1', architecture: 'amd64' })
  rmSync(world.path('dist'), { recursive: true, force: true })
  mkdirSync(world.path('dist/ubuntu/jammy'), { recursive: true })
  mkdirSync(world.path('dist/hello/1.2.3'), { recursive: true })
  writeFileSync(world.path('dist/ubuntu/jammy/hello.deb'), deb)
  writeFileSync(world.path('dist/hello/1.2.3/hello.txt'), 'hello')
  const run = () => capture(process.execPath, ['folder.mjs'], { cwd: world.checkout, timeout: 60_000 })
  for (const verdict of ['published', 'already-public'])
    expect((await run()).output.trimEnd().split('\n')).toEqual(
      ['ubuntu/jammy/hello.deb', 'hello/1.2.3/hello.txt'].flatMap((path) => [
        `${verdict} ${path} in mirror`,
        `${verdict} ${path} in archive`,
      ]),
    )
  expect(parseProgramReceipt(world.read('receipt.json'), 'receipt.json').by).toEqual({ ci: 'jenkins', run: '4711' })
  const sha256 = createHash('sha256').update(deb).digest('hex')
  for (const place of ['mirror', 'archive'])
    expect(packagesIn(world.path(place))).toEqual({ 'ubuntu/jammy/hello_1.2.3-1_amd64.deb': sha256 })

  const [source, target] = await Promise.all([startRegistry({ tls }), startRegistry({ tls, tokens: { account: 'acme:secret' } })])
  onTestFinished(async () => {
    await Promise.all([source.close(), target.close()])
  })
  const stored = source.image('acme/hello')
  const config = `sha256:${createHash('sha256').update('{}').digest('hex')}`
  stored.blobs.set(config, Buffer.from('{}'))
  stored.add(
    'application/vnd.oci.image.manifest.v1+json',
    Buffer.from(
      JSON.stringify({ schemaVersion: 2, config: { mediaType: 'application/vnd.oci.empty.v1+json', digest: config, size: 2 }, layers: [] }),
    ),
    '1.2.3',
  )
  const code = codeOf('packages/uploader/README.md', '// image.mjs')
  world.write('image.mjs', code.replace('registry.acme.example', new URL(source.url).host).replace('docker.io', new URL(target.url).host))
  const variables = { HUB_PASSWORD: 'secret', NODE_EXTRA_CA_CERTS: process.env['NODE_EXTRA_CA_CERTS'] ?? '' }
  const copied = await capture(process.execPath, ['image.mjs'], { cwd: world.checkout, timeout: 60_000, variables })
  expect(copied.output).toBe('published\n')
  expect(target.image('acme/hello').tags.get('latest')).toBe(stored.tags.get('1.2.3'))
})

test('the uploader’s README’s repository compiles, and keeps what a repository promises; its program’s test passes', async () => {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'node_modules/@stagegate'), { recursive: true })
  for (const name of ['schema', 'uploader']) symlinkSync(join(root, 'packages', name), join(folder, 'node_modules/@stagegate', name))
  symlinkSync(join(root, 'node_modules/@types'), join(folder, 'node_modules/@types'))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  const sources = ['files.ts', 'files.test.ts', 'retries.test.ts']
  for (const file of sources) writeFileSync(join(folder, file), codeOf('packages/uploader/README.md', `// ${file}`))
  const compilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    module: 'nodenext',
    target: 'es2022',
    skipLibCheck: true,
    types: ['node'],
    outDir: 'built',
    rootDir: '.',
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: sources }))
  const compiled = await capture(process.execPath, [join(root, 'node_modules/typescript/lib/tsc.js'), '-p', folder], {
    cwd: folder,
    timeout: 60_000,
  })
  expect(compiled.output).toBe('')
  const tests = ['built/files.test.js', 'built/retries.test.js']
  const tested = await capture(process.execPath, ['--test', '--test-reporter=tap', ...tests], { cwd: folder, timeout: 60_000 })
  expect(tested.exitCode, tested.output).toBe(0)
  expect(tested.output).toContain('ok 1 - it takes the formats that it says, and no other')
  expect(Number(/^# pass (\d+)$/m.exec(tested.output)?.[1])).toBeGreaterThan(20)
})
