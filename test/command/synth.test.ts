import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { temporaryFolder } from '../release/files.js'
import { type Captured, copyQuickstart, stagegate } from '../tasks/rehearsal.mjs'

const cli = new URL('../../packages/cli', import.meta.url).pathname
let folder: string

beforeEach(() => {
  folder = temporaryFolder()
  copyQuickstart(folder)
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(cli, join(folder, 'node_modules/stagegate'))
})

/** Changes one place of a file; the test fails if it is not there. */
function change(file: string, from: string, to: string): void {
  const text = readFileSync(join(folder, file), 'utf8')
  expect(text).toContain(from)
  writeFileSync(join(folder, file), text.replace(from, to))
}

/** The line of pipeline.ts that has this text. */
function lineOf(text: string): number {
  const index = readFileSync(join(folder, 'pipeline.ts'), 'utf8')
    .split('\n')
    .findIndex((line) => line.includes(text))
  expect(index).toBeGreaterThanOrEqual(0)
  return index + 1
}

function expectError({ exitCode, stderr }: Captured, ...words: readonly string[]): void {
  expect(exitCode, stderr).toBe(2)
  for (const word of words) expect(stderr).toContain(word)
  expect(stderr).not.toMatch(/^\s+at .*(node:|dist|stagegate\.mjs)/m)
}

describe('stagegate synth --check', () => {
  test('passes on what is committed', async () => {
    expect(await stagegate(folder, ['synth', '--check'])).toMatchObject({ exitCode: 0, stderr: '' })
  })

  test('fails with a readable diff after one character of the YAML changes', async () => {
    change('.gitlab-ci.yml', 'allow_failure: false', 'allow_failure: true')
    const result = await stagegate(folder, ['synth', '--check'])
    expectError(result, 'Stale: .gitlab-ci.yml.')
    expect(result.stdout).toMatch(/^-\s+allow_failure: true\n\+\s+allow_failure: false$/m)
    expect(result.stdout.split('\n').length).toBeLessThan(30)
  })

  test('fails with a readable diff after one character of pipeline.ts changes', async () => {
    change('pipeline.ts', 'Duration.days(14)', 'Duration.days(15)')
    const result = await stagegate(folder, ['synth', '--check'])
    expectError(result, 'Stale: .gitlab-ci.yml, release-plan.json, RELEASING.md.')
    expect(result.stdout).toMatch(/^-\s+expire_in: 21 days\n\+\s+expire_in: 22 days$/m)
  })

  test('fails while a file is missing', async () => {
    rmSync(join(folder, 'release-plan.json'))
    expectError(await stagegate(folder, ['synth', '--check']), 'Stale: release-plan.json.')
  })

  test('writes nothing', async () => {
    change('.gitlab-ci.yml', 'node:24-slim', 'node:25-slim')
    const before = readFileSync(join(folder, '.gitlab-ci.yml'), 'utf8')
    await stagegate(folder, ['synth', '--check'])
    expect(readFileSync(join(folder, '.gitlab-ci.yml'), 'utf8')).toBe(before)
  })
})

test('stagegate synth --stdout prints the pipeline and writes nothing', async () => {
  const committed = readFileSync(join(folder, '.gitlab-ci.yml'), 'utf8')
  rmSync(join(folder, '.gitlab-ci.yml'))
  expect(await stagegate(folder, ['synth', '--stdout'])).toMatchObject({ exitCode: 0, stdout: committed, stderr: '' })
  expect(() => readFileSync(join(folder, '.gitlab-ci.yml'))).toThrow()
})

describe('what is wrong in pipeline.ts is shown at its line', () => {
  test('an exception', async () => {
    change('pipeline.ts', 'export default app', 'nothing.there()')
    expectError(await stagegate(folder, ['synth']), `pipeline.ts:${lineOf('nothing.there()')}: ReferenceError: nothing is not defined`)
  })

  test('a value that a constructor refuses', async () => {
    change('pipeline.ts', 'Duration.days(14)', 'Duration.days(-14)')
    expectError(await stagegate(folder, ['synth']), `pipeline.ts:${lineOf('days(-14)')}: RangeError: Expected a duration`)
  })

  test('a value of another type', async () => {
    change('pipeline.ts', 'hold: Duration.days(14)', 'hold: 14 as never')
    expectError(await stagegate(folder, ['synth']), `pipeline.ts:${lineOf('new Release(')}`, 'hold', 'Duration')
  })

  test('a staging repository in the place of a public one', async () => {
    change('pipeline.ts', 'public: stable', 'public: staging as never')
    expectError(await stagegate(folder, ['synth']), `pipeline.ts:${lineOf('new Release(')}`, 'PublicRepo')
  })

  test('a property that does not exist', async () => {
    change('pipeline.ts', "packages: 'dist/*.deb'", "packagez: 'dist/*.deb'")
    expectError(await stagegate(folder, ['synth']), `pipeline.ts:${lineOf('new PackageTarget(')}`, 'packagez', 'Did you mean packages?')
  })

  test('a deployment that does nothing', async () => {
    change('pipeline.ts', "script: deploy('staging')", 'gates: true')
    expectError(await stagegate(folder, ['synth']), `pipeline.ts:${lineOf('const preprod')}`, 'script', 'trigger')
  })

  test('a name with a line break, on one line of the report', async () => {
    change('pipeline.ts', "new PackageTarget(release, 'any/any'", "new PackageTarget(release, 'any/any\\nerror: all is well'")
    const result = await stagegate(folder, ['synth'])
    expectError(result, '[structure/label]')
    expect(result.stderr).not.toMatch(/^error: all is well/m)
  })

  test('text that is not TypeScript', async () => {
    change('pipeline.ts', 'const branch = ', 'const branch == ')
    expectError(await stagegate(folder, ['synth']), `pipeline.ts:${lineOf('const branch == ')}`)
  })

  test('an import that is not there', async () => {
    change('pipeline.ts', "from 'stagegate'", "from 'stage-gate'")
    expectError(await stagegate(folder, ['synth']), 'pipeline.ts', 'stage-gate')
  })

  test('a file that exports no app', async () => {
    change('pipeline.ts', 'export default app', '')
    expectError(await stagegate(folder, ['synth']), 'pipeline.ts', 'export default app')
  })

  test('a file that is not there', async () => {
    expectError(await stagegate(folder, ['synth', 'other.ts']), 'other.ts')
  })
})

describe('stagegate explain', () => {
  test('says what runs for a tag, and what waits', async () => {
    const { stdout } = await stagegate(folder, ['explain', '--tag', 'v1.2.3'])
    expect(stdout).toContain('Kind: release')
    expect(stdout).toMatch(/waits for a click\s+publish: \[ubuntu\/jammy\]\s+pipeline\.ts:\d+/)
    expect(stdout).toMatch(/runs by itself\s+seal/)
  })

  test('says why a job is not there', async () => {
    const { stdout } = await stagegate(folder, ['explain', 'seal', '--branch', 'main'])
    expect(stdout).toBe('seal does not exist in the kind branch: none of its rules match.\n')
  })

  test('says what a job waits for', async () => {
    const { stdout } = await stagegate(folder, ['explain', 'publish: [any/any]', '--tag', 'v1.2.3'])
    expect(stdout).toMatch(/waits for .*deploy: \[production\]/)
  })

  test('says in which kinds a job exists, with its credentials and its line', async () => {
    const { stdout } = await stagegate(folder, ['explain', 'publish: [any/any]'])
    expect(stdout).toMatch(/release\s+waits for a click\n\s+because \$CI_COMMIT_TAG =~/)
    expect(stdout).toMatch(/needs prepare, seal, deploy: \[staging\], deploy: \[production\]/)
    expect(stdout).toMatch(/branch\s+does not exist/)
    expect(stdout).toMatch(/made at\s+pipeline\.ts:\d+/)
  })

  test('lists what would not exist', async () => {
    const { stdout } = await stagegate(folder, ['explain', '--branch', 'main'])
    expect(stdout).toMatch(/does not exist\s+publish: \[any\/any\]\s+none of its rules match/)
  })

  test('refuses a job that no kind has', async () => {
    expectError(await stagegate(folder, ['explain', 'publish', '--tag', 'v1.2.3']), 'there is no job publish')
  })
})

test('every command has --help and --version', async () => {
  for (const command of ['init', 'synth', 'explain', 'graph', 'audit', 'diff', 'stage', 'seal', 'approve', 'fetch', 'publish', 'verify']) {
    expect(await stagegate(folder, [command, '--help'])).toMatchObject({ exitCode: 0, stderr: '' })
    expect(await stagegate(folder, [command, '--version'])).toMatchObject({ exitCode: 0, stdout: '0.1.0\n' })
  }
})
