export * from './packagecloud/index.js'
export { type DebOptions, makeDeb, makeRpm, type RpmOptions } from './packages/index.js'
export type { Fault, Faults, Misbehaviour } from './server/faults.js'
export type { LoggedRequest } from './server/serve.js'
