import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, normalize } from 'node:path'
import { expect, test } from 'vitest'

/**
 * The rooms that imitate a server or make a package. Everything else in this folder drives the product in tests and may import it:
 * `fixtures`, `bodies` and `acme` (what several tests ask for), `transfer`, `image` and `model` (deliveries without a server), `system` (real
 * programs), and `webdav` (a repository as a third party writes it).
 */
const emulators = ['fault-proxy', 'gcs', 'gitlab', 'packagecloud', 'packages', 'registry', 's3', 'server']
/** The authority of the tests: it is no product code. */
const allowed = ['authority.js']

const here = import.meta.dirname

test.each(emulators)('the emulator in %s shares no code with the product, so both cannot be wrong together', async (room) => {
  const files = (await readdir(join(here, room), { recursive: true })).filter((file) => /(?<!\.test)\.ts$/.test(file))
  expect(files).not.toEqual([])
  for (const file of files) {
    const text = await readFile(join(here, room, file), 'utf8')
    const imported = [...text.matchAll(/(?:from|import\()\s*'([^']+)'/g)].map(([, name = '']) => name)
    const outside = imported
      .filter((name) => name.startsWith('.') || name.startsWith('@stagegate/'))
      .map((name) => (name.startsWith('.') ? normalize(join(room, dirname(file), name)) : name))
      .filter((path) => !emulators.some((other) => path.startsWith(`${other}/`)) && !allowed.includes(path))
    expect({ file, outside }).toEqual({ file, outside: [] })
  }
})
