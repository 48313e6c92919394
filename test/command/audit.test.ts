import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { temporaryFolder } from '../release/files.js'
import { stagegate } from '../tasks/rehearsal.mjs'

let folder: string
beforeEach(() => {
  folder = temporaryFolder()
})

function write(path: string, text: string): void {
  writeFileSync(join(folder, path), text)
}

const protectedRef = '$CI_COMMIT_REF_PROTECTED == "true"'
const byHand = `
stages: [build, check, release]
check: {stage: check, script: [./check], rules: [{if: ${protectedRef}, when: manual, allow_failure: false}]}
publish deb:
  stage: release
  needs: [check]
  rules: [{if: ${protectedRef}, when: manual, allow_failure: false}]
  script:
    - package_cloud push acme/stable/ubuntu/noble dist/*.deb
`

describe('if nobody says what publishes', () => {
  test('audit guesses it with file, line and words, and the last line makes the guess firm', async () => {
    write('.gitlab-ci.yml', byHand)
    const { exitCode, stdout } = await stagegate(folder, ['audit', '.gitlab-ci.yml'])
    expect(exitCode).toBe(0)
    expect(stdout).toContain(
      '  publish deb: it publishes a package (if the repository that it uploads to is public)\n' +
        '    at .gitlab-ci.yml:9: package_cloud push acme/stable/ubuntu/noble dist/*.deb\n' +
        'Manual jobs before them:\n  check, before publish deb: it must have succeeded before they can start\n    at .gitlab-ci.yml:3\n',
    )
    expect(stdout).toMatch(/run:\nstagegate audit \.gitlab-ci\.yml --publishes 'publish deb' --gate check\n$/)
    const firm = ['audit', '.gitlab-ci.yml', '--publishes', 'publish deb', '--gate', 'check']
    expect(await stagegate(folder, firm)).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('The gate holds') })
  })

  test('an open gate is a warning for each cause, with what it rests on, and an error once the guess is firm', async () => {
    const jobs = ['a', 'b', 'c', 'd', 'e'].map((name) => `publish-${name}: {script: [npm publish]}\n`).join('')
    write('.gitlab-ci.yml', jobs)
    const guessed = await stagegate(folder, ['audit', '.gitlab-ci.yml'])
    expect(guessed.exitCode).toBe(0)
    expect(guessed.stdout.match(/^warning: .*\[gate\/open\]$/gm)).toHaveLength(2)
    expect(guessed.stdout).toContain(
      '  This assumes that publish-a publishes (a guess), and that a tag or branch that it matches is not protected (Settings > Repository > Protected tags, Protected branches).\n' +
        '  The same for publish-b (.gitlab-ci.yml:2), publish-c (.gitlab-ci.yml:3), publish-d (.gitlab-ci.yml:4), and 1 more job\n',
    )
    expect(guessed.stdout).toMatch(/\nstagegate audit \.gitlab-ci\.yml --publishes 'publish-\*'\n$/)
    expect(await stagegate(folder, ['audit', '.gitlab-ci.yml', '--publishes', 'publish-*'])).toMatchObject({ exitCode: 3 })
  })

  test('guesses stay beside what was not seen, and the next call keeps the options of this one', async () => {
    mkdirSync(join(folder, 'sub'))
    write('sub/ci.yml', `include: [{remote: https://acme.example/x.yml}]\n${byHand}`)
    expect(await stagegate(folder, ['audit', 'sub/ci.yml', '--root', 'sub'])).toMatchObject({
      exitCode: 4,
      stdout: expect.stringMatching(
        /name each with --trust\.\n.*\nstagegate audit sub\/ci\.yml --root sub --publishes 'publish deb' --gate check\n$/,
      ),
    })
  })

  test('the JSON has the guesses, and the facts of each finding', async () => {
    write('.gitlab-ci.yml', byHand.replace(', when: manual, allow_failure: false}]\n  script:', '}]\n  script:'))
    const { stdout } = await stagegate(folder, ['audit', '.gitlab-ci.yml', '--json'])
    expect(JSON.parse(stdout)).toMatchObject({
      guesses: [
        { job: 'publish deb', by: 'command', file: '.gitlab-ci.yml', line: 9, premise: 'the repository that it uploads to is public' },
      ],
      clicks: [{ job: 'check', is: 'click', before: ['publish deb'] }],
      suggested: { publishes: ['publish deb'], gates: [] },
      gate: 'holds',
    })
  })

  test('nothing is guessed of a pipeline in which nothing looks so', async () => {
    write('.gitlab-ci.yml', 'lint: {script: [lint]}\n')
    expect(await stagegate(folder, ['audit', '.gitlab-ci.yml'])).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('No job is known to publish, and none looks like it. Name the jobs that do with --publishes'),
    })
  })
})

describe('a baseline', () => {
  const named = ['audit', '.gitlab-ci.yml', '--publishes', '*', '--baseline', 'ci/baseline.json']
  const open = (job: string) => `${job}: {script: [npm publish]}\n`
  beforeEach(() => {
    write('.gitlab-ci.yml', open('a'))
  })

  test('accepts the findings of today, so that only new ones count', async () => {
    expect(await stagegate(folder, named)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/there is no such baseline\n.*--update-baseline/),
    })
    expect(await stagegate(folder, [...named, '--update-baseline'])).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(
        /ci\/baseline\.json now accepts \d+ findings\. Commit it\.\n.*The gate is open, which ci\/baseline\.json accepts\.\n$/,
      ),
    })
    write('.gitlab-ci.yml', `# moved\n\n${open('a')}`)
    const same = await stagegate(folder, named)
    expect(same).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/Not shown: \d+ findings that ci\/baseline\.json accepts\.\nNothing is new/),
    })
    expect(same.stdout).not.toContain('[gate/open]')
    write('.gitlab-ci.yml', open('a') + open('b'))
    const more = await stagegate(folder, named)
    expect(more).toMatchObject({ exitCode: 3, stdout: expect.stringContaining('b (.gitlab-ci.yml:2) can start before its gate') })
    expect(more.stdout).not.toContain('a (.gitlab-ci.yml:1) can start')
    const { findings, baseline } = JSON.parse((await stagegate(folder, [...named, '--json'])).stdout)
    expect(
      findings
        .filter((one: { code: string }) => one.code === 'gate/open')
        .map((one: { known: boolean }) => one.known)
        .sort(),
    ).toEqual([false, false, true, true])
    expect(baseline).toMatchObject({ file: 'ci/baseline.json', stale: [] })
  })

  test('names what no longer occurs, which is no error', async () => {
    await stagegate(folder, [...named, '--update-baseline'])
    write('.gitlab-ci.yml', open('b'))
    await stagegate(folder, [...named, '--update-baseline'])
    write('.gitlab-ci.yml', 'b: {script: [x], rules: [{if: $CI_COMMIT_REF_PROTECTED == "true", when: manual, allow_failure: false}]}\n')
    expect(await stagegate(folder, named)).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/no longer found \(remove them with --update-baseline\):\n {2}gate\/open of b in \.gitlab-ci\.yml\n/),
    })
  })

  test('is not written of a pipeline that GitLab refuses, and accepts no such pipeline', async () => {
    write('.gitlab-ci.yml', 'a: {script: [x], needs: [b]}\n')
    expect(await stagegate(folder, [...named, '--update-baseline'])).toMatchObject({
      exitCode: 2,
      stdout: expect.stringContaining('GitLab refuses'),
    })
    expect(() => readFileSync(join(folder, 'ci/baseline.json'))).toThrow('ENOENT')
  })

  test.each([
    ['no JSON', '{', 'expected a JSON object with version and findings'],
    ['another version', '{"version": 2, "findings": []}', 'expected the version 1 of a baseline, found 2'],
    ['an entry without facts', '{"version": 1, "findings": [{"code": "gate/open"}]}', 'findings.0 should have code, severity'],
    [
      'an unknown member',
      '{"version": 1, "findings": [{"code": "a", "severity": "error", "file": "a", "facts": {}, "count": 1, "x": 1}]}',
      'findings.0',
    ],
    [
      'a count of nothing',
      '{"version": 1, "findings": [{"code": "a", "severity": "error", "file": "a", "facts": {}, "count": 0}]}',
      'findings.0',
    ],
  ])('that is none is refused: %s', async (_, text, message) => {
    mkdirSync(join(folder, 'ci'))
    write('ci/baseline.json', text)
    expect(await stagegate(folder, named)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(
        new RegExp(`^stagegate: ci/baseline\\.json: ${message}.*\\nCorrect it, or remove it and write it again`),
      ),
    })
  })

  test('and a report take the place of no other file', async () => {
    const words = ['audit', '.gitlab-ci.yml', '--publishes', 'a']
    const before = readFileSync(join(folder, '.gitlab-ci.yml'), 'utf8')
    expect(await stagegate(folder, [...words, '--baseline', '.gitlab-ci.yml', '--update-baseline'])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('it is not a baseline, so audit does not overwrite it'),
    })
    expect(await stagegate(folder, [...words, '--codequality', './.gitlab-ci.yml'])).toMatchObject({ exitCode: 2 })
    expect(readFileSync(join(folder, '.gitlab-ci.yml'), 'utf8')).toBe(before)
  })

  test('needs a name to be written', async () => {
    expect(await stagegate(folder, ['audit', '.gitlab-ci.yml', '--update-baseline'])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('--update-baseline needs --baseline FILE'),
    })
  })
})

test('the Code Quality report has each new finding at its path in the repository, and is written whatever is found', async () => {
  mkdirSync(join(folder, 'sub'))
  write('sub/ci.yml', 'a: {script: [npm publish]}\n')
  const words = ['audit', 'sub/ci.yml', '--publishes', 'a', '--codequality', 'out/quality.json']
  const report = () => JSON.parse(readFileSync(join(folder, 'out/quality.json'), 'utf8'))
  expect(await stagegate(folder, words)).toMatchObject({ exitCode: 3 })
  expect(report()).toContainEqual(
    expect.objectContaining({ check_name: 'gate/open', severity: 'critical', location: { path: 'sub/ci.yml', lines: { begin: 1 } } }),
  )
  await stagegate(folder, [...words, '--baseline', 'b.json', '--update-baseline'])
  expect(report()).toEqual([])
  write('sub/ci.yml', 'a: [\n')
  expect(await stagegate(folder, words)).toMatchObject({ exitCode: 2 })
  expect(report()).toMatchObject([{ severity: 'blocker', location: { path: 'sub/ci.yml' } }])
  expect(await stagegate(folder, [...words, '--codequality', 'sub'])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('sub: it cannot be written'),
  })
  expect(await stagegate(join(folder, 'sub'), ['audit', '../sub/ci.yml', '--root', '../out', '--codequality', 'q.json'])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('Name the repository’s folder with --root'),
  })
})

test.each([
  ['its folder', '.gitlab-ci.yml', false],
  ['the checkout that it is in', 'ci/main.yml', true],
])('a file outside the working directory includes files of %s', async (_, file, isCheckout) => {
  for (const name of ['ci', 'release']) mkdirSync(join(folder, name))
  if (isCheckout) mkdirSync(join(folder, '.git'))
  write(file, `include: [/ci/more.yml]\n${byHand}`)
  write('ci/more.yml', 'more: {stage: build, script: [make]}\n')
  const { exitCode, stdout } = await stagegate(join(folder, 'release'), [
    'audit',
    `../${file}`,
    '--publishes',
    'publish deb',
    '--gate',
    'check',
  ])
  expect(exitCode, stdout).toBe(0)
  expect(stdout).toContain('The gate holds')
})
