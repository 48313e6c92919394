import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { contentOf, temporaryFolder } from '../release/files.js'
import { capture, stagegate } from '../tasks/rehearsal.mjs'

const root = new URL('../..', import.meta.url).pathname

function install(folder: string): void {
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(join(root, 'packages/cli'), join(folder, 'node_modules/stagegate'))
  symlinkSync(join(root, 'node_modules/vitest'), join(folder, 'node_modules/vitest'))
}

const written = [
  '.gitattributes',
  '.gitignore',
  '.gitlab-ci.yml',
  'RELEASING.md',
  'package.json',
  'pipeline.test.ts',
  'pipeline.ts',
  'release-plan.json',
  'scripts/build.sh',
  'scripts/deploy.sh',
  'tsconfig.json',
]

test.each([
  ['directories', ['--name', 'acme', '--distribution', 'ubuntu/noble', '--distribution', 'el/9', '--yes']],
  ['GitLab', ['--name', 'acme', '--distribution', 'ubuntu/noble', '--project', 'acme/hello', '--yes']],
  ['packagecloud', ['--name', 'acme', '--distribution', 'debian/bookworm', '--packagecloud', 'acme', '--yes']],
])('init writes a pipeline on %s that passes its own test', { timeout: 300_000 }, async (_, words) => {
  const folder = temporaryFolder()
  const made = await stagegate(folder, ['init', ...words])
  expect(made.exitCode, made.output).toBe(0)
  expect(made.stdout).toContain('npm install --save-dev stagegate')
  expect(Object.keys(contentOf(folder))).toEqual(written)

  install(folder)
  expect(await stagegate(folder, ['synth', '--check'])).toMatchObject({ exitCode: 0 })
  // As its script `check` does.
  const types = await capture(join(root, 'node_modules/.bin/tsc'), ['--noEmit'], { cwd: folder, timeout: 60_000 })
  expect(types.exitCode, types.output).toBe(0)
  const tested = await capture(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--root', folder], {
    cwd: folder,
    timeout: 60_000,
  })
  expect(tested.exitCode, tested.output).toBe(0)
})

test.each([
  ['git@gitlab.com:acme/hello.git', "new App({ project: { path: 'acme/hello' } })"],
  ['https://git.acme.example/acme/hello.git', "new App({ project: { url: 'https://git.acme.example', path: 'acme/hello' } })"],
])('init takes the project of the remote %s, whose pages are its public place', async (remote, app) => {
  const folder = temporaryFolder()
  for (const words of [
    ['init', '--quiet'],
    ['remote', 'add', 'origin', remote],
  ])
    spawnSync('git', words, { cwd: folder })
  const made = await stagegate(folder, ['init', '--name', 'acme', '--yes'])
  expect(made.exitCode, made.output).toBe(0)
  expect(made.stdout).toContain('Packages wait in acme/hello and become public on its page of releases')
  const program = readFileSync(join(folder, 'pipeline.ts'), 'utf8')
  expect(program).toContain(app)
  expect(program).toContain("new PublicRepo(app, 'stable', { at: gitlabRelease(), trustsJobs: 'maintainers review what jobs run' })")
})

test('init overwrites nothing, and says what is in its way', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, '.gitlab-ci.yml'), 'mine')
  const before = contentOf(folder)
  const made = await stagegate(folder, ['init', '--yes'])
  expect(made).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('.gitlab-ci.yml') })
  expect(contentOf(folder)).toEqual(before)
})

test('init refuses a pipeline that Stagegate made, and writes nothing', async () => {
  const folder = temporaryFolder()
  expect(await stagegate(folder, ['init', '--yes'])).toMatchObject({ exitCode: 0 })
  const before = contentOf(folder)
  for (const words of [
    ['init', '--yes'],
    ['init', '--yes', '--child'],
  ])
    expect(await stagegate(folder, words)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('already a pipeline of Stagegate'),
    })
  expect(contentOf(folder)).toEqual(before)
})

const theirs = `stages: [prepare, build, test, stage, seal, deploy, publish, verify]
unit: {stage: test, script: [make test]}
package-deb: {stage: build, script: [make deb], artifacts: {paths: [dist/]}}
`
const beside = ['init', '--yes', '--name', 'acme', '--distribution', 'ubuntu/noble']

test('init makes a release beside a pipeline that is there, which its audit then holds for gated', { timeout: 300_000 }, async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, '.gitlab-ci.yml'), theirs)
  const made = await stagegate(folder, [...beside, '--build-job', 'package-deb'])
  expect(made.exitCode, made.output).toBe(0)
  expect(made.stdout).toContain('include: [{ local: /ci/release.yml }]')
  expect(Object.keys(contentOf(folder))).toEqual([
    '.gitlab-ci.yml',
    'ci/.gitattributes',
    'ci/RELEASING.md',
    'ci/release-plan.json',
    'ci/release.yml',
    'release/.gitignore',
    'release/deploy.sh',
    'release/package.json',
    'release/pipeline.test.ts',
    'release/pipeline.ts',
    'release/tsconfig.json',
  ])
  expect(readFileSync(join(folder, '.gitlab-ci.yml'), 'utf8')).toBe(theirs)

  install(join(folder, 'release'))
  writeFileSync(join(folder, '.gitlab-ci.yml'), `include: [{ local: /ci/release.yml }]\n${theirs}`)
  const synthesized = await stagegate(folder, ['synth', 'release/pipeline.ts'])
  expect(synthesized.exitCode, synthesized.output).toBe(0)
  const audited = await stagegate(folder, ['audit', '.gitlab-ci.yml'])
  expect(audited.exitCode, audited.output).toBe(0)
  expect(audited.stdout).toContain('The gate holds')
  const branch = await stagegate(join(folder, 'release'), ['explain', '--branch', 'main'])
  expect(branch.stdout).toMatch(/runs automatically +unit/)
  const tested = await capture(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--root', join(folder, 'release')], {
    cwd: join(folder, 'release'),
    timeout: 60_000,
  })
  expect(tested.exitCode, tested.output).toBe(0)
})

test('init names the job that starts a child by a name that is free', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, '.gitlab-ci.yml'), `${theirs}release: {stage: publish, script: [x]}\n`)
  const made = await stagegate(folder, [...beside, '--child'])
  expect(made.stdout).toMatch(/change nothing else there:\n\n +start-release:\n +stage: verify\n/)
  expect(readFileSync(join(folder, 'release/pipeline.ts'), 'utf8')).toContain("startedBy: { job: 'start-release' }")
})

test('init makes a release that a job of the pipeline that is there starts as its child', { timeout: 300_000 }, async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, '.gitlab-ci.yml'), theirs)
  const made = await stagegate(folder, [...beside, '--build-job', 'package-deb', '--child'])
  expect(made.exitCode, made.output).toBe(0)
  const [, lines = ''] = /change nothing else there:\n\n(.*?)\n\n/s.exec(made.stdout) ?? []
  expect(lines).toContain('release:')
  expect(readFileSync(join(folder, '.gitlab-ci.yml'), 'utf8')).toBe(theirs)

  install(join(folder, 'release'))
  writeFileSync(join(folder, 'release/package-lock.json'), '{}')
  writeFileSync(join(folder, '.gitlab-ci.yml'), `${theirs}${lines.replaceAll(/^ {5}/gm, '')}\n`)
  expect(await stagegate(folder, ['synth', 'release/pipeline.ts'])).toMatchObject({ exitCode: 0, stderr: '' })
  const audited = await stagegate(folder, ['audit', '.gitlab-ci.yml'])
  expect(audited.exitCode, audited.output).toBe(0)
  expect(audited.stdout).toContain('Can publish in the pipeline that release starts, in the kind release')
  expect(audited.stdout).toContain('The gate holds')

  // Each exit code, on the parent alone.
  const codes = async (by: string) => {
    writeFileSync(join(folder, '.gitlab-ci.yml'), `${theirs}${lines.replaceAll(/^ {5}/gm, '')}\n${by}`)
    return (await stagegate(folder, ['audit', '.gitlab-ci.yml'])).exitCode
  }
  expect(await codes('leak: {stage: test, environment: public/stable, script: [x]}\n')).toBe(3)
  expect(await codes('other: {stage: test, trigger: {include: [{artifact: x.yml, job: package-deb}]}}\n')).toBe(4)
  expect(await codes('broken: {script: 7}\n')).toBe(2)
})

test.each([
  ['a job that is not there', theirs, ['--build-job', 'package-rpm'], 'has no job package-rpm'],
  ['a child of a pipeline that is not there', undefined, ['--child'], '--child needs a .gitlab-ci.yml that starts the release'],
  ['a pipeline that GitLab refuses', 'unit: {script: 7}\n', [], '.gitlab-ci.yml:1: GitLab refuses the existing pipeline'],
])('init refuses %s, and writes nothing', async (_, pipeline, words, message) => {
  const folder = temporaryFolder()
  if (pipeline !== undefined) writeFileSync(join(folder, '.gitlab-ci.yml'), pipeline)
  const before = contentOf(folder)
  const made = await stagegate(folder, [...beside, ...words])
  expect(made).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(message) })
  expect(contentOf(folder)).toEqual(before)
})

test('init fits into an existing project, and needs nothing from it', async () => {
  const folder = temporaryFolder()
  const mine = { 'package.json': '{ "type": "commonjs" }', '.gitignore': 'out/\n', 'src/main.c': 'int main;' }
  mkdirSync(join(folder, 'src'))
  for (const [path, text] of Object.entries(mine)) writeFileSync(join(folder, path), text)
  expect(await stagegate(folder, ['init', '--name', 'acme', '--yes'])).toMatchObject({ exitCode: 0 })
  for (const [path, text] of Object.entries(mine)) expect(readFileSync(join(folder, path), 'utf8')).toBe(text)
  // The next thing that somebody types before they read on.
  expect(await stagegate(folder, ['synth'])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('npm install --save-dev stagegate'),
  })
  install(folder)
  writeFileSync(join(folder, 'package-lock.json'), '{}')
  expect(await stagegate(folder, ['synth', '--check'])).toMatchObject({ exitCode: 0, stderr: '' })
})

test('init refuses answers that cannot be used, and writes nothing', async () => {
  const folder = temporaryFolder()
  for (const words of [
    ['--name', 'a b'],
    ['--distribution', 'noble'],
    ['--packagecloud', 'a/b'],
    ['--project', 'hello'],
    ['--project', "acme/it's"],
  ]) {
    expect(await stagegate(folder, ['init', '--yes', ...words])).toMatchObject({ exitCode: 2 })
  }
  expect(contentOf(folder)).toEqual({})
})

test('synth --watch writes again after a change, and ends when told to', { timeout: 300_000 }, async () => {
  const folder = temporaryFolder()
  await stagegate(folder, ['init', '--name', 'acme', '--distribution', 'el/9', '--yes'])
  install(folder)
  const child = spawn(process.execPath, [join(root, 'packages/cli/bin/stagegate.mjs'), 'synth', '--watch'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let shown = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    shown += text
  })
  const rounds = () => shown.split('press Ctrl-C to stop').length - 1
  await expect.poll(rounds, { timeout: 20_000 }).toBe(1)
  const path = join(folder, 'pipeline.ts')
  writeFileSync(path, readFileSync(path, 'utf8').replace('days(14)', 'days(15)'))
  await expect.poll(rounds, { timeout: 20_000 }).toBeGreaterThanOrEqual(2)
  expect(readFileSync(join(folder, '.gitlab-ci.yml'), 'utf8')).toContain('22 days')
  // A file that the pipeline may include is a source, too.
  const before = rounds()
  writeFileSync(join(folder, 'more.yml'), 'lint: {script: [lint]}')
  await expect.poll(rounds, { timeout: 20_000 }).toBeGreaterThan(before)
  const ended = new Promise((resolve) => child.on('close', resolve))
  child.kill('SIGTERM')
  await ended
})

test('graph draws the gate', async () => {
  const folder = temporaryFolder()
  await stagegate(folder, ['init', '--name', 'acme', '--distribution', 'el/9', '--yes'])
  install(folder)
  const drawn = await stagegate(folder, ['graph', '--tag', 'v1.2.3'])
  expect(drawn).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('{{"the gate<br>one click"}}') })
  expect(await stagegate(folder, ['graph', '--merge-request', 'fix'])).toMatchObject({
    exitCode: 2,
    stdout: '',
    stderr: expect.stringContaining('merge request from fix, protected: no pipeline, because no kind matches'),
  })
  expect(await stagegate(folder, ['graph', '--tag', 'v1.2.3', '--fold-above', 'x'])).toMatchObject({
    exitCode: 2,
    stderr: 'stagegate: expected a count in --fold-above, got x\n',
  })
})

test('an answer that cannot be used is refused before the next question', () => {
  const command = new URL('../../packages/cli/dist/stagegate.mjs', import.meta.url).pathname
  const asked = spawnSync('script', ['-qec', `'${process.execPath}' '${command}' init '${temporaryFolder()}'`, '/dev/null'], {
    input: 'my product!\n',
    encoding: 'utf8',
  })
  expect(asked.status).toBe(2)
  expect(asked.stdout).toContain('"my product!" is not a valid product name')
  expect(asked.stdout).not.toContain('Distributions')
})
