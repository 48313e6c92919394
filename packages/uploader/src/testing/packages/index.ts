export { type DebOptions, makeAr, makeDeb, makeDebOf, makeTar } from './deb.js'
export { makeRpm, type RpmOptions } from './rpm.js'
