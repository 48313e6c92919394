import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { SlowestFirst } from './slowest-first.js'
import { ensureAuthority } from './tasks/trust.mjs'

// Packages are tested from their sources; test/ runs what was built.
const conditions = ['@stagegate/source', 'node', 'import', 'default']

/** Everything but which tests: configurations of their own add that. */
export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    // Processes, not threads: Node reads which authorities to trust when a process starts.
    pool: 'forks',
    provide: { authority: await ensureAuthority() },
    setupFiles: [new URL('watchdog/setup.ts', import.meta.url).pathname],
    // Longer than a standstill, which says more; and than anything takes on a machine that is busy with other things.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    // Twice as many as there are cores, on two: many tests wait for servers, processes and back-offs.
    maxWorkers: Math.max(4, availableParallelism()),
    sequence: { sequencer: SlowestFirst },
  },
})
