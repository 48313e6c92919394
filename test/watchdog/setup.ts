// For every test file: what stands still is ended, and says what it waits for. Where a test merely takes too long, nobody would know.
import { afterAll } from 'vitest'
import { followConnections } from './waiting.mjs'
import { watch } from './watchdog.js'

followConnections()
const end = watch({
  limit: Number(process.env['STAGEGATE_TEST_STANDSTILL'] ?? 30),
  onStandstill(report) {
    // Nobody waits for this: vitest takes it for an error of the run.
    throw new Error(report)
  },
})
afterAll(end)
