import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeEach, expect, test } from 'vitest'
import { temporaryFolder } from '../release/files.js'
import { commit, copyOffline, stagegate } from '../tasks/rehearsal.mjs'

let folder: string
beforeEach(() => {
  folder = join(temporaryFolder(), 'hello')
  copyOffline(folder)
  commit(folder, 'v1.0.0')
})

function change(from: string, to: string): void {
  const path = join(folder, '.gitlab-ci.yml')
  const text = readFileSync(path, 'utf8')
  expect(text).toContain(from)
  writeFileSync(path, text.replace(from, to))
}

test('diff says that nothing has changed', async () => {
  expect(await stagegate(folder, ['diff'])).toMatchObject({ exitCode: 0, stdout: 'No change of meaning: both versions do the same.\n' })
})

test('diff finds what makes the gate weaker, and exits with 3', async () => {
  change('      when: manual\n      allow_failure: false\n', '')
  const weaker = await stagegate(folder, ['diff'])
  expect(weaker).toMatchObject({ exitCode: 3, stdout: expect.stringMatching(/^WEAKER .*publish: \[ubuntu\/jammy\]/) })
  const markdown = await stagegate(folder, ['diff', '--markdown'])
  expect(markdown).toMatchObject({
    exitCode: 3,
    stdout: expect.stringMatching(/^### Pipeline: something is weaker .*\n\n#### Weaker\n\n- .*`publish: \[ubuntu\/jammy\]`/),
  })
  execFileSync('git', ['-C', folder, 'checkout', '--quiet', '.'])
  expect(await stagegate(folder, ['diff', 'v1.0.0'])).toMatchObject({ exitCode: 0 })
})

test('diff finds no change of meaning where jobs are only written in another way', async () => {
  const path = join(folder, '.gitlab-ci.yml')
  const whole = readFileSync(path, 'utf8')
  const retry = '  retry: {max: 2, when: [runner_system_failure], exit_codes: [4]}\n'
  const shared = whole
    .replaceAll(retry, '')
    .replaceAll(/^("(?:stage|publish|verify): .*":)$/gm, '$1\n  extends: .retried')
    .replace(/^refused:$/m, `.retried:\n${retry}\nrefused:`)
  expect(shared.length).toBeLessThan(whole.length)
  writeFileSync(path, shared)
  expect(await stagegate(folder, ['diff', '--markdown'])).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/^### Pipeline: no change of meaning\n/),
  })
})

test('diff says that a job is new, and that nothing is weaker', async () => {
  change('# pipeline.ts', 'lint:\n  stage: build\n  needs: []\n  script: [lint]\n\n# pipeline.ts')
  const more = await stagegate(folder, ['diff'])
  expect(more).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('appears   lint (') })
})

test('diff says that pipeline.ts has changed since, or could not be loaded', async () => {
  mkdirSync(join(folder, 'node_modules'), { recursive: true })
  symlinkSync(fileURLToPath(new URL('../../packages/cli', import.meta.url)), join(folder, 'node_modules/stagegate'))
  expect(await stagegate(folder, ['diff'])).toMatchObject({ exitCode: 0, stderr: '' })
  const source = join(folder, 'pipeline.ts')
  writeFileSync(source, readFileSync(source, 'utf8').replace('Duration.days(14)', 'Duration.days(2)'))
  expect(await stagegate(folder, ['diff'])).toMatchObject({
    exitCode: 0,
    stderr: expect.stringMatching(
      /^Note: not up to date with pipeline\.ts: \.gitlab-ci\.yml, .*\. Only the files on disk were compared\. Run stagegate synth/,
    ),
  })
  writeFileSync(source, 'throw new Error("no")\n')
  expect(await stagegate(folder, ['diff', '--json'])).toMatchObject({
    stdout: '[]\n',
    stderr: expect.stringContaining('could not be loaded'),
  })
})

test('diff needs a revision that has the pipeline, and one that GitLab takes', async () => {
  expect(await stagegate(folder, ['diff', 'nowhere'])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringMatching(/nowhere:\.gitlab-ci\.yml: there is no such pipeline\ngit says: .*nowhere/),
  })
  writeFileSync(join(folder, '.gitlab-ci.yml'), 'b: {script: [x]}\na: [\n')
  expect(await stagegate(folder, ['diff'])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringMatching(/^stagegate: \.gitlab-ci\.yml:\d: GitLab refuses it: /),
  })
})

test('diff of a pipeline without a plan reads the comments, and reports if nobody says what publishes', async () => {
  rmSync(join(folder, 'release-plan.json'))
  const bare = 'publish:\n  script: [push]\n  rules: [{if: $CI_COMMIT_REF_PROTECTED == "true", when: manual, allow_failure: false}]\n'
  writeFileSync(join(folder, '.gitlab-ci.yml'), bare)
  const git = ['-C', folder, '-c', 'user.name=Demo', '-c', 'user.email=demo@example.org', '-c', 'commit.gpgsign=false']
  execFileSync('git', [...git, 'commit', '--quiet', '--all', '--message', 'By hand'])
  change('when: manual', 'when: on_success')
  expect(await stagegate(folder, ['diff'])).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('No job is known to publish') })
  expect((await stagegate(folder, ['diff', '--markdown'])).stdout).toMatch(/^### Pipeline: no job is known to publish\n/)
  expect(await stagegate(folder, ['diff', '--publishes', 'pub*'])).toMatchObject({ exitCode: 3, stdout: expect.stringMatching(/^WEAKER /) })
  expect(await stagegate(folder, ['diff', '--publishes', 'pubish'])).toMatchObject({
    exitCode: 2,
    stderr:
      'stagegate: neither version has a job "pubish", which --publishes or --gate names\n' +
      'correct the name; in --publishes, * matches anything; --gate needs whole names\n',
  })
  expect(await stagegate(folder, ['diff', '--gate', 'pub*'])).toMatchObject({ exitCode: 2 })
  change('publish:', '# stagegate: publishes\npublish:')
  expect(await stagegate(folder, ['diff'])).toMatchObject({ exitCode: 3, stdout: expect.stringMatching(/^WEAKER .*publish/) })
})

test('audit reads the plan beside a pipeline that Stagegate wrote', async () => {
  expect(await stagegate(folder, ['audit', '.gitlab-ci.yml'])).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/The gate holds: publishing needs a click on a protected ref, and seal, deploy: .* before it\.\n$/),
  })
  writeFileSync(join(folder, 'release-plan.json'), '{}')
  expect(await stagegate(folder, ['audit', '.gitlab-ci.yml'])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('release-plan.json'),
  })
})

test('audit reads included files with rules and wildcards, and says of others that they are not seen', async () => {
  mkdirSync(join(folder, 'ci'))
  const peek = 'peek: {stage: build, environment: public/stable, script: [env]}\n'
  writeFileSync(join(folder, 'ci/one.yml'), peek)
  writeFileSync(join(folder, 'ci/two.yml'), peek)
  change('stages:', "include: [{local: ci/one.yml, rules: [{if: $MORE}]}, 'ci/t*.yml']\n\nstages:")
  expect(await stagegate(folder, ['audit', '.gitlab-ci.yml'])).toMatchObject({
    exitCode: 3,
    stdout: expect.stringContaining('at ci/two.yml:1'),
  })
  writeFileSync(join(folder, 'ci/two.yml'), 'lint: {stage: build, script: [lint]}\n')
  expect(await stagegate(folder, ['audit', '.gitlab-ci.yml'])).toMatchObject({
    exitCode: 3,
    stdout: expect.stringContaining('at ci/one.yml:1'),
  })
  change("include: [{local: ci/one.yml, rules: [{if: $MORE}]}, 'ci/t*.yml']", 'include: [{remote: https://acme.example/lint.yml}]')
  expect(await stagegate(folder, ['audit', '.gitlab-ci.yml'])).toMatchObject({
    exitCode: 4,
    stdout: expect.stringMatching(/these were not read: https:\/\/acme\.example\/lint\.yml\..*--trust\.\n$/),
  })
  expect(await stagegate(folder, ['audit', '.gitlab-ci.yml', '--trust', 'https://acme.example/lint.yml'])).toMatchObject({ exitCode: 0 })
})

test('audit proves the gate of a file, or says where it is open', async () => {
  rmSync(join(folder, 'release-plan.json'))
  const words = ['audit', '.gitlab-ci.yml', '--publishes', 'publish: *', '--gate', 'seal', '--gate', 'deploy: [production]']
  expect(await stagegate(folder, words)).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(
      /The gate holds: publishing needs a click on a protected ref, and seal, deploy: \[production\] before it\.\n$/,
    ),
  })
  change('{job: "deploy: [production]", artifacts: false}\n  inherit', '{job: "deploy: [production]", optional: true}\n  inherit')
  const open = await stagegate(folder, words)
  expect(open).toMatchObject({ exitCode: 3, stdout: expect.stringContaining('[gate/open]') })
  expect(open.stdout).toMatch(/at \.gitlab-ci\.yml:\d+/)
})

test('audit explains what is proved, and what it does not know', async () => {
  rmSync(join(folder, 'release-plan.json'))
  const words = ['audit', '.gitlab-ci.yml', '--publishes', 'publish: *']
  // Without the plan, nobody knows that variables of seal are Stagegate's own.
  expect(await stagegate(folder, words)).toMatchObject({ exitCode: 3, stdout: expect.stringContaining('takes variables from seal') })
  change('    reports: {dotenv: .stagegate/release.env}\n', '')
  expect((await stagegate(folder, words)).stdout).toMatch(
    /Can publish in the kind release: publish: .*\n.*name the jobs that must succeed first/,
  )
  expect((await stagegate(folder, [...words, '--gate', 'seal'])).stdout).toMatch(
    /The gate holds: publishing needs a click on a protected ref, and seal before it\.\n$/,
  )
  expect(await stagegate(folder, ['audit', '.gitlab-ci.yml', '--publishes', 'rlease'])).toMatchObject({
    exitCode: 3,
    stdout: expect.stringContaining('no job matches rlease, which is named as a job that publishes'),
  })
})

test('audit and diff read local includes, and name their lines', async () => {
  change('stages:', 'include: ci/more.yml\n\nstages:')
  const open = await stagegate(folder, ['audit', '.gitlab-ci.yml', '--publishes', 'publish: *'])
  expect(open).toMatchObject({ exitCode: 2, stdout: expect.stringContaining('the included file ci/more.yml does not exist') })
  mkdirSync(join(folder, 'ci'))
  writeFileSync(join(folder, 'ci/more.yml'), '# more\npeek:\n  environment: public/stable\n  script: [env]\n  stage: build\n')
  const peeks = await stagegate(folder, ['audit', '.gitlab-ci.yml', '--publishes', 'publish: *'])
  expect(peeks.stdout).toContain('[secrets/reachable]\n  at ci/more.yml:2\n')
  expect(await stagegate(folder, ['diff'])).toMatchObject({ exitCode: 3, stdout: expect.stringMatching(/^WEAKER .*peek/) })
})

test('audit of a file that is not there says so', async () => {
  expect(await stagegate(folder, ['audit', 'none.yml'])).toMatchObject({
    exitCode: 2,
    stderr: 'stagegate: none.yml: there is no such file\n',
  })
  expect(await stagegate(folder, ['audit', 'scripts'])).toMatchObject({
    exitCode: 2,
    stderr: 'stagegate: scripts: it is a folder, but should be a file\n',
  })
})

test('audit names the line of invalid YAML, and repeated keys', async () => {
  writeFileSync(join(folder, 'broken.yml'), 'a:\n  script: [x\nb: {script: [y]}\n')
  expect(await stagegate(folder, ['audit', 'broken.yml'])).toMatchObject({
    exitCode: 2,
    stdout: expect.stringContaining('  at broken.yml:3\n'),
  })
  writeFileSync(join(folder, 'twice.yml'), 'a: {script: [x]}\nb: {script: [y]}\na: {script: [z]}\n')
  expect(await stagegate(folder, ['audit', 'twice.yml'])).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/^warning: `a` is defined twice, first in line 1: .*\n {2}at twice\.yml:3\n/),
  })
})

test('a name with a line break is one line of the message', async () => {
  expect(await stagegate(folder, ['audit', 'no\nfile.yml'])).toMatchObject({
    exitCode: 2,
    stderr: 'stagegate: "no\\nfile.yml": there is no such file\n',
  })
})

test('a full disk under the output ends with 4, and a reader that goes away with what it has read', () => {
  const command = fileURLToPath(new URL('../../packages/cli/dist/stagegate.mjs', import.meta.url))
  const shell = (line: string) => spawnSync('sh', ['-c', line, 'sh', process.execPath, command], { cwd: folder, encoding: 'utf8' })
  const full = shell('"$1" "$2" audit .gitlab-ci.yml > /dev/full')
  expect(full.status).toBe(4)
  expect(full.stderr).toMatch(/^stagegate: the output could not be written: ENOSPC.*\n$/)
  expect(shell('"$1" "$2" audit .gitlab-ci.yml --json | true').stderr).toBe('')
})
