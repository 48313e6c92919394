import { mkdirSync, writeFileSync } from 'node:fs'
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

describe('where nobody says what publishes', () => {
  test('audit guesses it with file, line and words, and the last line makes the guess firm', async () => {
    write('.gitlab-ci.yml', byHand)
    const { exitCode, stdout } = await stagegate(folder, ['audit', '.gitlab-ci.yml'])
    expect(exitCode).toBe(0)
    expect(stdout).toContain(
      '  publish deb: it publishes a package (if the repository that it uploads to is public)\n' +
        '    at .gitlab-ci.yml:9: package_cloud push acme/stable/ubuntu/noble dist/*.deb\n' +
        'By hand before them:\n  check, before publish deb: it has succeeded whenever one of them can be started\n    at .gitlab-ci.yml:3\n',
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
      '  This rests on: the guess that publish-a publishes; a tag or branch that it takes is not protected (Settings > Repository > Protected tags, Protected branches).\n' +
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
      stdout: expect.stringContaining('No job is known to publish, and none looks so: name them with --publishes'),
    })
  })
})
