export { PackageError, type PackageErrorCode, type PackageErrorParts } from './error.js'
export type { DebIdentity, PackageFacts, PackageIdentity, RpmIdentity } from './identity.js'
export { inspectPackage } from './inspect.js'
