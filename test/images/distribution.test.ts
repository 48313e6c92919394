// The same tests with the reference registry as it is today: Debian's is some years old.
import { readdirSync } from 'node:fs'
import { describe } from 'vitest'
import { useRegistry } from './registry.js'

const folder = new URL('.', import.meta.url)
useRegistry('registry')
for (const file of readdirSync(folder).filter((name) => name.endsWith('.test.ts') && name !== 'distribution.test.ts'))
  describe(file.replace('.test.ts', ''), async () => {
    await import(new URL(file, folder).href)
  })
