export type { GcsAccount } from './caller.js'
export type { GcsObject } from './objects.js'
export { type GcsOptions, type GcsServer, startGcs } from './start.js'
