export * from './packagecloud/index.js'
export { type DebOptions, makeDeb, makeRpm, type RpmOptions } from './packages/index.js'
