import { inject } from 'vitest'
import type {} from '../../../../test/tasks/trust.mjs'

/** The run's: test/vitest.config.ts makes it. */
export const authority = inject('authority')
/** For the servers of tests, in whose processes it is trusted. */
export const tls = authority.server
