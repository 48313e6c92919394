import { defineConfig } from 'vitest/config'
import config from './vitest.base.js'

// The tests that `npm run mutate` runs for each change to the proof; without those that take seconds.
export default defineConfig({
  ...config,
  test: {
    ...config.test,
    include: ['packages/sdk/src/{condition,graph,check}/**/*.test.ts', 'packages/sdk/src/testing/{corpus/corpus,gate-cases/*}.test.ts'],
    setupFiles: [],
    exclude: ['**/node_modules/**', '**/{readers.property,theorem}.test.ts'],
  },
})
