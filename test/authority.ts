import { inject } from 'vitest'

export const authority = inject('authority')
/** For the servers of tests. */
export const tls = authority.server
/** For commands, which trust what their plan names. */
export const { ca } = authority
