export type { GcsOptions } from './options.js'
export { startGcs } from './start.js'
