import { defineConfig } from 'vitest/config'
import base from './vitest.base.js'

/** Patterns, a line each: the suites that `npm test` leaves out. A project's own list replaces the one of vitest's option. */
const leftOut = process.env['TEST_LEAVE_OUT']?.split('\n') ?? []
/** Its servers have to be named. */
const byChoice = process.env['TEST_S3_SERVERS'] ? [] : ['test/repositories/other-servers.test.ts']
const besideTheCode = ['packages/*/src/**/*.test.ts']
/** Tests that replace globals, or count what their process has open. */
const alone = ['packages/uploader/src/testing/{model,fault-proxy}/**/*.test.ts', 'packages/uploader/src/**/{faults,sequences}.test.ts']

export default defineConfig({
  ...base,
  test: {
    ...base.test,
    projects: [
      // Loading the packages costs more than most of their tests, so those share processes.
      { extends: true, test: { name: 'shared', include: besideTheCode, exclude: [...alone, ...leftOut], isolate: false } },
      {
        extends: true,
        test: {
          name: 'alone',
          include: [...alone, 'examples/**/*.test.ts', 'test/**/*.test.ts'],
          // Programs of examples/library are tested by test/library/programs.test.ts, with Node's own runner.
          exclude: [...leftOut, ...byChoice, '**/node_modules/**', 'examples/library/**'],
        },
      },
    ],
  },
})
