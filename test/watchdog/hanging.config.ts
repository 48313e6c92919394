import { defineConfig } from 'vitest/config'
import config from '../vitest.base.js'

// For watchdog.test.ts: a run that hangs.
export default defineConfig({
  ...config,
  test: { ...config.test, include: ['test/watchdog/hanging.fixture.ts'], testTimeout: 4000 },
})
