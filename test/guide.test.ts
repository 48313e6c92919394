import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from './release/files.js'
import { capture, commit, copyOffline, stagegate } from './tasks/rehearsal.mjs'

const root = new URL('..', import.meta.url).pathname
const guide = (name: string) => readFileSync(join(root, 'docs/guide', name), 'utf8')

interface Step {
  readonly words: readonly string[]
  /** What the page shows of the output: each line is in it, in this order. */
  readonly shown: readonly string[]
}

/** The commands of a page, each console block a list. */
function consoleBlocks(page: string): readonly (readonly Step[])[] {
  return [...guide(page).matchAll(/^```console\n(.*?)^```/gms)].map(([, block = '']) =>
    block
      .split(/^\$ /m)
      .slice(1)
      .map((part) => {
        const [command = '', ...shown] = part.trimEnd().split('\n')
        const words = [...command.replace(/^npx stagegate /, '').matchAll(/"([^"]*)"|(\S+)/g)].map(
          ([, quoted, plain]) => quoted ?? plain ?? '',
        )
        return { words, shown: shown.map((line) => line.trim()) }
      }),
  )
}

/** The example as it was before the release was added. */
function teamsProject(): string {
  const folder = temporaryFolder()
  cpSync(join(root, 'examples/beside'), folder, { recursive: true, filter: (path) => !path.includes('node_modules') })
  rmSync(join(folder, 'release'), { recursive: true })
  for (const name of ['release.yml', 'release-plan.json', 'RELEASING.md']) rmSync(join(folder, 'ci', name))
  change(folder, /\n {2}- local: \/ci\/release\.yml.*/, '')
  change(folder, /^stages: .*$/m, 'stages: [check, build, test, package, deploy]')
  return folder
}

function change(folder: string, what: RegExp, by: string): void {
  const path = join(folder, '.gitlab-ci.yml')
  const before = readFileSync(path, 'utf8')
  const after = before.replace(what, by)
  expect(after).not.toBe(before)
  writeFileSync(path, after)
}

function install(folder: string): void {
  mkdirSync(join(folder, 'release/node_modules'))
  symlinkSync(join(root, 'packages/cli'), join(folder, 'release/node_modules/stagegate'))
}

async function walk(folder: string, steps: readonly Step[], exitCode = 0): Promise<void> {
  for (const { words, shown } of steps) {
    const result = await stagegate(folder, words)
    expect(result.exitCode, `${words.join(' ')}\n${result.output}`).toBe(exitCode)
    let from = 0
    for (const line of shown) {
      const at = result.output.indexOf(line, from)
      expect(at, `${words.join(' ')} does not print “${line}”:\n${result.output}`).toBeGreaterThanOrEqual(0)
      from = at + line.length
    }
  }
}

test('the page on audit alone prints what it says, and changes nothing', { timeout: 300_000 }, async () => {
  const folder = teamsProject()
  const [first = []] = consoleBlocks('audit.md')
  await walk(folder, first)
})

test('the page for a start from nothing prints what it says', { timeout: 300_000 }, async () => {
  const folder = temporaryFolder()
  const [init = [], look = []] = consoleBlocks('nothing.md')
  await walk(folder, init)
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(join(root, 'packages/cli'), join(folder, 'node_modules/stagegate'))
  await walk(folder, look)
})

test.each(readdirSync(join(root, 'docs/guide')))(
  'each pipeline of the page %s is synthesized without an issue',
  { timeout: 300_000 },
  async (page) => {
    const programs = [...guide(page).matchAll(/^```ts\n(import .*?export default app\n)```/gms)].map(([, code]) => code ?? '')
    for (const code of programs) {
      const folder = temporaryFolder()
      mkdirSync(join(folder, 'node_modules'))
      symlinkSync(join(root, 'packages/cli'), join(folder, 'node_modules/stagegate'))
      for (const name of ['package.json', 'package-lock.json']) writeFileSync(join(folder, name), '{ "type": "module" }')
      writeFileSync(join(folder, 'pipeline.ts'), code)
      writeFileSync(join(folder, 'CHANGELOG.md'), '# Changelog\n')
      const result = await stagegate(folder, ['synth'])
      expect(result, result.output).toMatchObject({ exitCode: 0, stderr: '' })
    }
    expect(programs.length > 0).toBe(/export default app/.test(guide(page)))
  },
)

test('the page beside a pipeline leads from sixty jobs to a proved release', { timeout: 300_000 }, async () => {
  const folder = teamsProject()
  const before = readFileSync(join(folder, '.gitlab-ci.yml'), 'utf8')
  const [init = [], missing = [], whole = []] = consoleBlocks('beside.md')
  await walk(folder, init)
  expect(readFileSync(join(folder, '.gitlab-ci.yml'), 'utf8')).toBe(before)
  install(folder)

  change(folder, /^(include:\n)/m, '$1  - local: /ci/release.yml\n')
  await walk(join(folder, 'release'), missing, 2)
  const stages = /Write there: (stages: .*)\.$/m.exec(missing[0]?.shown.join('\n') ?? '')?.[1]
  change(folder, /^stages: .*$/m, stages ?? '')
  await walk(join(folder, 'release'), whole)

  // gitlab-ci-local reads the mixture, too.
  commit(folder, 'v1.2.3')
  const local = join(root, 'test/node_modules/.bin/gitlab-ci-local')
  const listed = await capture(local, ['--list'], { cwd: folder, timeout: 60_000 })
  expect(listed.exitCode, listed.output).toBe(0)
  expect(listed.stdout).toMatch(/package el-9/)
})

test('the page on reviews shows what diff says where the click is gone', { timeout: 300_000 }, async () => {
  const folder = join(temporaryFolder(), 'hello')
  copyOffline(folder)
  commit(folder, 'v1.0.0')
  const path = join(folder, '.gitlab-ci.yml')
  writeFileSync(path, readFileSync(path, 'utf8').replaceAll('      when: manual\n      allow_failure: false\n', ''))
  const [steps = []] = consoleBlocks('review.md')
  expect(steps).toHaveLength(1)
  await walk(folder, steps, 3)
})

test('the comment that the page on reviews posts is the whole file', { timeout: 300_000 }, async () => {
  const [, line = ''] = /^```sh\n(.*)\n```$/m.exec(guide('review.md')) ?? []
  const posted: { readonly url: string | undefined; readonly body: string }[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (part) => {
      body += part
    })
    request.on('end', () => {
      posted.push({ url: request.url, body })
      response.writeHead(201).end()
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const folder = temporaryFolder()
  const text = '### Pipeline\n\n- `a`; @b\n'
  writeFileSync(join(folder, 'meaning.md'), text)
  try {
    const variables = {
      NOTES_TOKEN: 'x',
      // A server on this machine has a port.
      CI_API_V4_URL: `http://127.0.0.1:${Object(server.address()).port}/api/v4`,
      CI_PROJECT_ID: '7',
      CI_MERGE_REQUEST_IID: '8',
    }
    expect(await capture('sh', ['-c', line], { cwd: folder, variables, timeout: 30_000 })).toMatchObject({ exitCode: 0 })
  } finally {
    server.close()
  }
  expect(posted).toEqual([
    { url: '/api/v4/projects/7/merge_requests/8/notes', body: expect.stringContaining(`name="body"\r\n\r\n${text}\r\n`) },
  ])
})

test('the page beside a pipeline leads to a proved release as a child pipeline, too', { timeout: 300_000 }, async () => {
  const folder = teamsProject()
  const before = readFileSync(join(folder, '.gitlab-ci.yml'), 'utf8')
  const [, , , init = [], whole = []] = consoleBlocks('beside.md')
  await walk(folder, init)
  expect(readFileSync(join(folder, '.gitlab-ci.yml'), 'utf8')).toBe(before)
  install(folder)
  writeFileSync(join(folder, 'release/package-lock.json'), '{}')

  const [lines = ''] = /(?<=^```yaml\n)release:\n.*?(?=^```)/ms.exec(guide('beside.md')) ?? []
  writeFileSync(join(folder, '.gitlab-ci.yml'), `${before}\n${lines}`)
  await walk(join(folder, 'release'), whole)

  // gitlab-ci-local reads both pipelines, each by itself: it has no artifacts of another pipeline.
  commit(folder, 'v1.2.3')
  const local = join(root, 'test/node_modules/.bin/gitlab-ci-local')
  const list = (...words: readonly string[]) =>
    capture(local, ['--list', '--variable', 'CI_COMMIT_TAG=v1.2.3', '--variable', 'CI_COMMIT_REF_PROTECTED=true', ...words], {
      cwd: folder,
      timeout: 60_000,
    })
  const parent = await list()
  expect(parent.exitCode, parent.output).toBe(0)
  expect(parent.stdout).toMatch(/^release +deploy +on_success +false +\[package el-9\]$/m)
  const child = await list('--file', 'ci/release.yml')
  expect(child.exitCode, child.output).toBe(0)
  expect(child.stdout).toMatch(/^publish: \[el\/9\] +publish +manual +false/m)
})

test('the release of the example is under 30 lines, beside about sixty jobs', () => {
  const lines = readFileSync(join(root, 'examples/beside/release/pipeline.ts'), 'utf8').trimEnd().split('\n')
  expect(lines.length).toBeLessThan(30)
  const files = readdirSync(join(root, 'examples/beside/ci')).filter((name) => name !== 'release.yml' && name.endsWith('.yml'))
  const jobs = files.flatMap((name) => readFileSync(join(root, 'examples/beside/ci', name), 'utf8').match(/^[a-z].*:$/gm) ?? [])
  expect(jobs.length).toBeGreaterThanOrEqual(60)
})

test('the commands that a page only shows have options that exist', async () => {
  for (const [command, page] of [
    ['audit', 'audit.md'],
    ['diff', 'review.md'],
  ] as const) {
    const help = await stagegate(root, [command, '--help'])
    const text = guide(page)
      .replace(/^```sh\n.*?^```/gms, '')
      .replaceAll('npm ci --ignore-scripts', '')
    const options = [...text.matchAll(/(?<=[\s`])--[a-z-]+/g)].map(([option]) => option)
    expect(options.filter((option) => !help.stdout.includes(option))).toEqual([])
  }
  expect(existsSync(join(root, 'docs/guide/settings.md'))).toBe(true)
})
