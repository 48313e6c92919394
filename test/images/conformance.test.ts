// What a repository promises, of a registry as it is in earnest.
import { registry } from '@stagegate/uploader'
import { type ConformancePlace, repositoryConformance } from '@stagegate/uploader/testing'
import { afterAll, beforeAll, test } from 'vitest'
import { temporaryFolder } from '../release/files.js'
import type { Running } from '../tasks/servers.mjs'
import { startRegistry } from './registry.js'

let running: Running
beforeAll(async () => {
  running = await startRegistry(temporaryFolder())
})
afterAll(() => running.stop())

let places = 0
/** Below a prefix of its own, the registry has nothing. */
function emptyPlace(): ConformancePlace {
  const open = (url: string) => registry(`registry.example/place-${places}`, { url })
  places++
  return { repository: open(running.url), another: () => open(running.url), unreachable: () => open('https://127.0.0.1:1') }
}

const without = ['failing', 'refused', 'readOnly', 'losingAnswers', 'remove'] as const
for (const { name, run } of repositoryConformance(emptyPlace, { formats: ['image'], without, name: 'the registry' })) test(name, run)
