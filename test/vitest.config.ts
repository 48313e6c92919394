import { defineConfig } from 'vitest/config'

// Packages are tested from their sources; test/ runs what was built.
const conditions = ['@stagegate/source', 'node', 'import', 'default']

export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'examples/*/*.test.ts', 'test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Of its own accord vitest leaves one of two cores idle.
    maxWorkers: 2,
  },
})
