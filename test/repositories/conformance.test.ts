// What a repository promises, of plain files on a server as it is in earnest.
import { join } from 'node:path'
import { openRepository } from '@stagegate/uploader'
import { type ConformancePlace, repositoryConformance, webdav } from '@stagegate/uploader/testing'
import { afterAll, beforeAll, test } from 'vitest'
import { temporaryFolder } from '../release/files.js'
import { filesOnce, type Running, startNginx } from '../tasks/servers.mjs'

let running: Running
beforeAll(async () => {
  const folder = temporaryFolder()
  running = await startNginx(folder, filesOnce(join(folder, 'files')))
})
afterAll(() => running.stop())

let places = 0
/** Below a folder of its own, the server has nothing. */
function emptyPlace(): ConformancePlace {
  const path = `/dists/place-${places++}/`
  const open = (server: string) => openRepository(webdav, { server, settings: { path } })
  return { repository: open(running.url), another: () => open(running.url), unreachable: () => open('https://127.0.0.1:1') }
}

// Its guard is a condition of its configuration, which it tries when a request begins.
const without = ['oneWinner', 'failing', 'refused', 'readOnly', 'losingAnswers', 'remove', 'served', 'copy', 'tags', 'referrers'] as const
for (const { name, run } of repositoryConformance(emptyPlace, { formats: ['file'], without, name: 'nginx' })) test(name, run)
