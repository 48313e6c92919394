import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { temporaryFolder } from '../release/files.js'
import { type Captured, copyOffline, stagegate } from '../tasks/rehearsal.mjs'

const cli = new URL('../../packages/cli', import.meta.url).pathname
let folder: string

beforeEach(() => {
  folder = temporaryFolder()
  copyOffline(folder)
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
    expectError(result, 'Out of date: .gitlab-ci.yml.')
    expect(result.stdout).toMatch(/^-\s+allow_failure: true\n\+\s+allow_failure: false$/m)
    expect(result.stdout.split('\n').length).toBeLessThan(30)
  })

  test('fails with a readable diff after one character of pipeline.ts changes', async () => {
    change('pipeline.ts', 'Duration.days(14)', 'Duration.days(15)')
    const result = await stagegate(folder, ['synth', '--check'])
    expectError(result, 'Out of date: .gitlab-ci.yml, release-plan.json, RELEASING.md.')
    expect(result.stdout).toMatch(/^-\s+expire_in: 21 days\n\+\s+expire_in: 22 days$/m)
  })

  test('fails while a file is missing', async () => {
    rmSync(join(folder, 'release-plan.json'))
    expectError(await stagegate(folder, ['synth', '--check']), 'Out of date: release-plan.json.')
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

describe('an error in pipeline.ts is shown at its line', () => {
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

  test('a package that is not installed, and how to install it', async () => {
    change('pipeline.ts', 'import {', "import { x } from '@acme/lines/deep'\nx()\nimport {")
    expectError(await stagegate(folder, ['synth']), 'npm install --save-dev @acme/lines\n')
  })

  test('a file that exports no app', async () => {
    change('pipeline.ts', 'export default app', '')
    expectError(await stagegate(folder, ['synth']), 'pipeline.ts', 'export default app')
  })

  test('a file that is not there', async () => {
    expectError(await stagegate(folder, ['synth', 'other.ts']), 'other.ts')
  })
})

// Each of these GitLab would refuse, some of them only when the pipeline is to run.
describe('a fault in the pipeline is shown with its file and line', () => {
  test.each([
    [
      'a cycle',
      "new Job(app, 'a', { needs: [{ name: 'b' }], script }) // here\nnew Job(app, 'b', { needs: [{ name: 'a' }], script })",
      'cycle',
      'a needs b needs a',
    ],
    [
      'a missing need',
      "new Job(app, 'a', { needs: [{ name: 'nobody' }], script }) // here",
      'needs-undefined',
      'a needs nobody, which does not exist',
    ],
    ['an unknown stage', "new Job(app, 'a', { stage: 'moon', script }) // here", 'unknown-stage', 'in the stage moon'],
    ['a duplicate job', "new Job(app, 'a', { script })\nnew Job(app, 'a', { script }) // here", 'duplicate-name', 'a is used twice'],
    [
      'a need on a later stage',
      "const late = new Job(app, 'late', { stage: 'verify', script })\nnew Job(app, 'a', { needs: [late], script }) // here",
      'needs-later-stage',
      'a in the stage build needs late, which is in the later stage verify',
    ],
    ['no script', "new Job(app, 'a', {}) // here", 'no-script', 'the job a has no script'],
    ['an unknown keyword', "new Job(app, 'a', { scirpt: script } as never) // here", 'unknown-keyword', 'Did you mean script?'],
  ])('%s', async (_, code, issue, sentence) => {
    change('pipeline.ts', 'export default app', `import { Job } from 'stagegate'\nconst script = ['true']\n${code}\nexport default app`)
    const result = await stagegate(folder, ['synth'])
    expectError(result, `[structure/${issue}]\n  at pipeline.ts:${lineOf('// here')}`, sentence, 'Nothing was written.')
    // That one alone: a job whose script stands under a misspelt keyword is not reported for having none.
    expect(result.stderr.match(/^error: /gm)).toHaveLength(1)
  })

  test('in a function of the author’s, with the line that called it', async () => {
    const code = "const late = (stage: string) => new Job(app, 'a', { stage, script: ['true'] }) // made\nlate('moon') // called"
    change('pipeline.ts', 'export default app', `import { Job } from 'stagegate'\n${code}\nexport default app`)
    const place = `at pipeline.ts:${lineOf('// made')}, called at pipeline.ts:${lineOf('// called')}`
    expectError(await stagegate(folder, ['synth']), `[structure/unknown-stage]\n  ${place}`)
  })
})

describe('included files', () => {
  beforeEach(() => {
    change('pipeline.ts', 'new App({', "new App({ include: [{ local: 'ci/more.yml' }], ")
    mkdirSync(join(folder, 'ci'))
  })
  const more = (text: string) => writeFileSync(join(folder, 'ci/more.yml'), text)

  test('that redefine a job of the release are refused, with their line', async () => {
    more("# quick\n'publish: [any/any]':\n  tags: [fast]\n")
    expectError(await stagegate(folder, ['synth']), '[structure/redefined]\n  at ci/more.yml:2', `(pipeline.ts:${lineOf("'any/any'")})`)
  })

  test('whose jobs get at the public environment are refused, with their line', async () => {
    more(
      'lint: {stage: build, needs: [], script: [lint]}\npeek:\n  stage: build\n  needs: []\n  environment: public/stable\n  script: [env]\n',
    )
    expectError(await stagegate(folder, ['synth']), '[secrets/reachable]\n  at ci/more.yml:2')
  })

  test('that add a job need no acceptance, and the job can be explained', async () => {
    more('lint: {stage: build, needs: [], script: [lint]}\n')
    expect(await stagegate(folder, ['synth'])).toMatchObject({ exitCode: 0, stderr: '' })
    const { stdout } = await stagegate(folder, ['explain', '--ref', 'v1.2.3'])
    expect(stdout).toMatch(/runs automatically\s+lint\s+ci\/more\.yml:1\s+it has no rules/)
  })

  test('that do not exist, or are outside the project, are refused', async () => {
    expectError(await stagegate(folder, ['synth']), 'the included file ci/more.yml does not exist')
    change('pipeline.ts', 'ci/more.yml', '../more.yml')
    writeFileSync(join(folder, '../more.yml'), 'lint: {script: [lint]}')
    expectError(await stagegate(folder, ['synth']), '`include` names ../more.yml: GitLab finds no file by a path with `..`')
    rmSync(join(folder, '../more.yml'))
  })
})

test('--check, --stdout and --watch exclude one another', async () => {
  for (const words of [
    ['--check', '--stdout'],
    ['--watch', '--check'],
  ])
    expect(await stagegate(folder, ['synth', ...words])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('cannot be used with'),
    })
})

describe('stagegate explain', () => {
  test('says what runs for a tag, what waits, and what does not exist', async () => {
    const { stdout } = await stagegate(folder, ['explain', '--ref', 'v1.2.3'])
    expect(stdout).toMatch(/^The tag v1\.2\.3, protected: a pipeline of the kind release, because \$CI_COMMIT_TAG =~ /)
    expect(stdout).toMatch(/waits for a click\s+publish: \[ubuntu\/jammy\]\s+pipeline\.ts:\d+/)
    expect(stdout).toMatch(/runs automatically\s+seal/)
    expect(stdout).toMatch(/does not exist\s+refused\s+Stagegate\s+only in refused/)
    expect(await stagegate(folder, ['explain', '--tag', 'v1.2.3'])).toMatchObject({ stdout })
  })

  test('takes a ref for a branch where no kind is for such a tag', async () => {
    const { stdout } = await stagegate(folder, ['explain', '--ref', 'main'])
    expect(stdout).toMatch(/^The branch main, protected \(no kind matches a tag with that name\): a pipeline of the kind branch/)
    expect(stdout).toMatch(/does not exist\s+publish: \[ubuntu\/jammy\] and 3 similar jobs\s+only in release/)
  })

  test.each([
    [['--schedule'], 'The branch main, protected, by a schedule: a pipeline of the kind branch'],
    [['--schedule', '--branch', 'next'], 'The branch next, protected, by a schedule: a pipeline'],
    [['--var', 'A=b'], 'The branch main, protected, started by hand, with A=b: a pipeline of the kind branch'],
    [['--tag', 'v1.2.3', '--unprotected'], 'The tag v1.2.3, not protected: a pipeline of the kind refused'],
    [['--tag', 'v1.2.3', '--unprotected'], '1 job, which does not wait for a click.\n'],
    [
      ['--merge-request', 'fix'],
      'A merge request from fix, protected: no pipeline, because no kind matches.\n  release  if $CI_COMMIT_TAG',
    ],
  ])('knows %j', async (words, said) => {
    const { stdout, exitCode } = await stagegate(folder, ['explain', ...words])
    expect(exitCode).toBe(0)
    expect(stdout).toContain(said)
  })

  test('says why a job is not there: another kind, a rule that says never, or one that does not hold', async () => {
    const words = ['--branch', 'main']
    const { stdout } = await stagegate(folder, ['explain', 'seal', ...words])
    expect(stdout).toBe('The branch main, protected: seal does not exist in the kind branch: only in release.\n')
    const rules = "rules: [{ if: '$SKIP', when: 'never' }, { if: '$SLOW' }]"
    const slowJob = `new Job(app, 'slow', { script: ['true'], ${rules} })`
    change('pipeline.ts', 'export default app', `import { Job } from 'stagegate'\n${slowJob}\nexport default app`)
    const slow = async (...variables: readonly string[]) =>
      (await stagegate(folder, ['explain', 'slow', ...words, ...variables.flatMap((one) => ['--var', one])])).stdout
    expect(await slow()).toMatch(/none of its rules matches: .*\$SLOW/)
    expect(await slow('SKIP=1')).toMatch(/its rule has when: never: .*\$SKIP/)
    expect(await slow('SLOW=1')).toMatch(/slow, in the kind branch\n {2}starts\s+automatically\n {2}because\s+.*\$SLOW/)
  })

  test('says what a job waits for, and what it sees', async () => {
    const { stdout } = await stagegate(folder, ['explain', 'publish: [any/any]', '--tag', 'v1.2.3'])
    expect(stdout).toMatch(/waits for .*deploy: \[production\]/)
    expect(stdout).toMatch(/sees\s+the variables of the environment public\/stable/)
  })

  test('says in which kinds a job exists, by which rule, and its line', async () => {
    const { stdout } = await stagegate(folder, ['explain', 'publish: [any/any]'])
    expect(stdout).toMatch(/^publish: \[any\/any\], made at pipeline\.ts:\d+\n/)
    expect(stdout).toMatch(/in release\n\s+starts\s+when somebody clicks\n\s+because\s+\$CI_COMMIT_TAG =~/)
    expect(stdout).toMatch(/needs\s+prepare, seal, deploy: \[staging\], deploy: \[production\]/)
    expect(stdout).toMatch(/does not exist in refused, branch/)
  })

  test('refuses a job that no kind has, and pipelines that cannot be', async () => {
    expectError(await stagegate(folder, ['explain', 'publish', '--tag', 'v1.2.3']), 'there is no job publish', 'publish: [any/any]')
    expectError(await stagegate(folder, ['explain', '--tag', 'v1', '--branch', 'main']), 'use only one of --ref')
    expectError(await stagegate(folder, ['explain', '--tag', 'v1', '--schedule']), 'a schedule runs for a branch')
    expectError(await stagegate(folder, ['explain']), 'choose a pipeline')
  })
})

test('every command has --help and --version', async () => {
  for (const command of ['init', 'synth', 'explain', 'graph', 'audit', 'diff', 'stage', 'seal', 'approve', 'fetch', 'publish', 'verify']) {
    expect(await stagegate(folder, [command, '--help'])).toMatchObject({ exitCode: 0, stderr: '' })
    expect(await stagegate(folder, [command, '--version'])).toMatchObject({ exitCode: 0, stdout: '0.1.0\n' })
  }
})
