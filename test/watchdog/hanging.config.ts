import { defineConfig } from 'vitest/config'
import config from '../vitest.config.js'

// For watchdog.test.ts: a run that hangs.
export default defineConfig({
  ...config,
  test: { ...config.test, projects: undefined, include: ['test/watchdog/hanging.fixture.ts'], testTimeout: 4000 },
})
