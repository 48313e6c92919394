export type { GcsAccount } from './caller.js'
export type { GcsObject } from './objects.js'
export type { GcsOptions } from './options.js'
export { type GcsServer, startGcs } from './start.js'
