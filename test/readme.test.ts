import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ca } from './authority.js'
import { contentOf, packagesIn, temporaryFolder } from './release/files.js'
import { World } from './release/world.js'
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
  writeFileSync(join(folder, 'pipeline.ts'), codeOf('README.md', 'import { App,'))
  return folder
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

test('the README’s image joins that release', async () => {
  const folder = project()
  writeFileSync(join(folder, 'image.ts'), codeOf('README.md', '// image.ts'))
  const added = "import { addImage } from './image.ts'\naddImage(release, tagged)\n"
  writeFileSync(join(folder, 'pipeline.ts'), `${codeOf('README.md', 'import { App,')}${added}`)
  const synth = await stagegate(folder, ['synth'])
  expect(synth.exitCode, synth.output).toBe(0)
  const jobs = await stagegate(folder, ['explain', '--tag', 'v1.2.3'])
  for (const phase of ['build', 'stage', 'publish', 'verify']) expect(jobs.stdout).toContain(`${phase}: [hello]`)
})

test('the README’s program publishes', async () => {
  const world = await World.sealed()
  mkdirSync(world.path('node_modules/@stagegate'), { recursive: true })
  for (const name of ['schema', 'uploader']) symlinkSync(join(root, 'packages', name), world.path('node_modules/@stagegate', name))
  world.write('publish.mjs', codeOf('README.md', "import { readFileSync } from 'node:fs'"))
  const result = await capture(process.execPath, ['publish.mjs'], { cwd: world.checkout, timeout: 30_000 })
  expect(result.exitCode, result.output).toBe(0)
  expect(result.stdout).toContain('published hello_1.2.3-1_amd64.deb')
  expect(packagesIn(world.path('repositories/stable'))).toEqual(packagesIn(world.path('repositories/staging')))
})

test('the README’s servers have an authority of their own in the plan', async () => {
  const folder = project()
  mkdirSync(join(folder, 'certificates'))
  writeFileSync(join(folder, 'certificates/company.pem'), ca)
  writeFileSync(join(folder, 'servers.ts'), codeOf('README.md', '// servers.ts'))
  const mine = "import { app, images, stable as company } from './servers.ts'"
  const more = "new StagingRepo(app, 'images', { at: images })\nnew PublicRepo(app, 'company', { at: company })\n"
  const program = `${mine}\n${codeOf('README.md', 'import { App,').replace('const app = new App()', '')}${more}`
  writeFileSync(join(folder, 'pipeline.ts'), program)
  const synth = await stagegate(folder, ['synth'])
  expect(synth.exitCode, synth.output).toBe(0)
  const plan = JSON.parse(readFileSync(join(folder, 'release-plan.json'), 'utf8'))
  expect([plan.project.ca, plan.repositories.images.ca].every((text) => text.startsWith('-----BEGIN CERTIFICATE-----'))).toBe(true)
})
