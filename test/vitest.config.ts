import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { SlowestFirst } from './slowest-first.js'
import { ensureAuthority } from './tasks/trust.mjs'

const besideTheCode = ['packages/*/src/**/*.test.ts']
/** Tests that replace globals, or count what their process has open. */
const alone = ['packages/uploader/src/testing/{model,fault-proxy}/**/*.test.ts', 'packages/uploader/src/**/{faults,sequences}.test.ts']

// Packages are tested from their sources; test/ runs what was built.
const conditions = ['@stagegate/source', 'node', 'import', 'default']

export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    projects: [
      // Loading the packages costs more than most of their tests, so those share processes.
      { extends: true, test: { name: 'shared', include: besideTheCode, exclude: alone, isolate: false } },
      { extends: true, test: { name: 'alone', include: [...alone, 'examples/*/*.test.ts', 'test/**/*.test.ts'] } },
    ],
    // Processes, not threads: Node reads which authorities to trust when a process starts.
    pool: 'forks',
    provide: { authority: await ensureAuthority() },
    setupFiles: [new URL('watchdog/setup.ts', import.meta.url).pathname],
    // Longer than a standstill, which says more.
    testTimeout: 45_000,
    hookTimeout: 60_000,
    // Twice as many as there are cores, on two: many tests wait for servers, processes and back-offs.
    maxWorkers: Math.max(4, availableParallelism()),
    sequence: { sequencer: SlowestFirst },
  },
})
