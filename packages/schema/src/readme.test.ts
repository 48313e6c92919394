import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { expect, test, vi } from 'vitest'
import { digestOf } from './canonical.js'

test('the example of the README runs, and prints what it says', async () => {
  const here = fileURLToPath(new URL('..', import.meta.url))
  const folder = join(here, '.stagegate', 'readme')
  const [, name = '', text = ''] = /^```ts\n\/\/ (\S+)\n([\s\S]*?)^```$/m.exec(readFileSync(join(here, 'README.md'), 'utf8')) ?? []
  mkdirSync(folder, { recursive: true })
  const printed = vi.spyOn(console, 'error').mockReturnValue()
  try {
    writeFileSync(join(folder, name), text.replace("'@stagegate/schema'", "'../../src/index.js'"))
    const { digest } = await import(/* @vite-ignore */ pathToFileURL(join(folder, name)).href)
    expect(digest).toBe(digestOf({ a: [true], b: 1 }))
    expect(printed).toHaveBeenCalledWith(
      expect.stringMatching(/^receipt\.json at apiVersion: expected "stagegate\/v1", found "stagegate\/v2"\n/),
    )
  } finally {
    printed.mockRestore()
    rmSync(folder, { recursive: true, force: true })
  }
})
