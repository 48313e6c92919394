import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { temporaryFolder } from '../release/files.js'
import { copyOffline } from '../tasks/rehearsal.mjs'

const cli = new URL('../../packages/cli', import.meta.url).pathname
const command = join(cli, 'dist/stagegate.mjs')
let folder: string
let child: ChildProcess | undefined

beforeEach(() => {
  folder = temporaryFolder()
  copyOffline(folder)
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(cli, join(folder, 'node_modules/stagegate'))
})
afterEach(() => {
  child?.kill('SIGKILL')
})

test('synth --watch sees saves by renaming, again and again, and files in new folders', async () => {
  let output = ''
  child = spawn(process.execPath, [command, 'synth', '--watch'], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  child.stdout?.on('data', (text) => {
    output += text
  })
  const rounds = (count: number) =>
    vi.waitFor(() => expect(output.split('press Ctrl-C to stop.').length - 1).toBeGreaterThanOrEqual(count), {
      timeout: 30_000,
      interval: 50,
    })
  await rounds(1)
  const text = readFileSync(join(folder, 'pipeline.ts'), 'utf8')
  for (const [index, days] of [15, 16, 17].entries()) {
    writeFileSync(join(folder, 'pipeline.ts~'), text.replace('Duration.days(14)', `Duration.days(${days})`))
    renameSync(join(folder, 'pipeline.ts~'), join(folder, 'pipeline.ts'))
    await rounds(index + 2)
    await vi.waitFor(() => expect(readFileSync(join(folder, '.gitlab-ci.yml'), 'utf8')).toContain(`expire_in: ${days + 7} days`), {
      timeout: 30_000,
    })
  }
  mkdirSync(join(folder, 'lib/deep'), { recursive: true })
  writeFileSync(join(folder, 'lib/deep/more.ts'), 'export const days = 18\n')
  await rounds(5)
  writeFileSync(
    join(folder, 'pipeline.ts'),
    `import { days } from './lib/deep/more.ts'\n${text.replace('Duration.days(14)', 'Duration.days(days)')}`,
  )
  await vi.waitFor(() => expect(readFileSync(join(folder, '.gitlab-ci.yml'), 'utf8')).toContain('expire_in: 25 days'), { timeout: 300_000 })
  writeFileSync(join(folder, 'lib/deep/more.ts'), 'export const days = 19\n')
  await vi.waitFor(() => expect(readFileSync(join(folder, '.gitlab-ci.yml'), 'utf8')).toContain('expire_in: 26 days'), { timeout: 300_000 })
})

test('synth writes all files, even if nobody reads its output any more', () => {
  const files = ['.gitlab-ci.yml', 'release-plan.json', 'RELEASING.md']
  for (const path of files) rmSync(join(folder, path))
  const script = '("$1" "$2" synth; echo $? >&2) | head -c 1'
  execFileSync('bash', ['-c', script, 'bash', process.execPath, command], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
  for (const path of files) expect(readFileSync(join(folder, path), 'utf8')).not.toBe('')
})
