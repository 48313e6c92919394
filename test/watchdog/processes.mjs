// The processes that run at present.
import { fileURLToPath } from 'node:url'

/** See processes.d.mts. */
export const outputs = new Map()
/** See processes.d.mts. */
export const telling = ['--import', fileURLToPath(new URL('tell.mjs', import.meta.url))]
