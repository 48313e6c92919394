import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureAuthority } from './tasks/trust.mjs'

// npm run mutate: changes what publishing rests on, one small thing at a time, and sees whether a test notices. What survives is a line that
// could be wrong without anybody being told. It takes hours; of a part, with `npm run mutate -- --mutate 'packages/uploader/src/decide/*.ts'`, less,
// and what has not changed since the last time is not tried again.
const files = [
  'packages/uploader/src/package/**/*.ts',
  'packages/uploader/src/decide/**/*.ts',
  'packages/uploader/src/transfer/**/*.ts',
  'packages/uploader/src/http/{credential,origin,quote,retry-after,registry-tokens,challenge}.ts',
  'packages/uploader/src/identity/**/*.ts',
]

// Stryker runs tests in threads of processes of its own, which have to trust the tests' servers from their start.
await ensureAuthority()

export default {
  mutate: [...files, '!**/*.test.ts', '!**/*.test-d.ts', '!**/testing/**'],
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  vitest: { configFile: 'test/vitest.mutation.config.ts' },
  coverageAnalysis: 'perTest',
  concurrency: 2,
  // A test that takes longer has been sent round in circles; the machine may be busy.
  timeoutMS: 20_000,
  incremental: true,
  incrementalFile: 'node_modules/.cache/stagegate/mutation.json',
  // A copy of the two packages in a folder of its own; what else there is takes no part.
  tempDirName: join(tmpdir(), 'stagegate-mutation'),
  ignorePatterns: [
    '/*',
    '!/packages',
    '/packages/*',
    '!/packages/{schema,uploader}',
    '!/test',
    '/test/*',
    '!/test/*.config.ts',
    '!/test/{vitest.base,slowest-first}.ts',
    '!/test/tasks',
    '/test/tasks/*',
    '!/test/tasks/{trust,authority}.mjs',
    '!/{package,tsconfig.base}.json',
    'dist',
    '.stagegate',
  ],
  reporters: ['clear-text', 'progress-append-only'],
  clearTextReporter: { logTests: false, reportTests: false },
}
