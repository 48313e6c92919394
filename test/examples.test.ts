import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { capture } from './tasks/rehearsal.mjs'

const root = new URL('..', import.meta.url).pathname

test.each(readdirSync(join(root, 'examples')))('gitlab-ci-local accepts the pipeline of examples/%s', { timeout: 60_000 }, async (name) => {
  const command = join(root, 'test/node_modules/.bin/gitlab-ci-local')
  const listed = await capture(command, ['--list'], { cwd: join(root, 'examples', name), timeout: 60_000 })
  expect(listed.exitCode, listed.output).toBe(0)
})
