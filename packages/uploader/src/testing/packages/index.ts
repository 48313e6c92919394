export { type DebOptions, makeAr, makeDeb, makeDebOf, makeTar, withChecksum } from './deb.js'
export { makeRpm, type RpmOptions } from './rpm.js'
