import { defineConfig } from 'vitest/config'
import config from './vitest.base.js'

// The tests beside what `npm run mutate` changes; without those that take seconds, since each is run thousands of times.
export default defineConfig({
  ...config,
  test: {
    ...config.test,
    include: ['packages/uploader/src/{package,decide,transfer,http,identity}/**/*.test.ts'],
    setupFiles: [],
    exclude: ['**/node_modules/**', '**/{real-packages,faults}.test.ts'],
  },
})
