export { contradictions, type PackageTarget } from './contradictions.js'
export { PackageError, type PackageErrorCode } from './error.js'
export type { DebIdentity, PackageIdentity, RpmIdentity } from './identity.js'
export { inspectPackage } from './inspect.js'
