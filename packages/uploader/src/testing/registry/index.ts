export type { StoredImage, StoredManifest } from './image.js'
export type { Immutable } from './manifests.js'
export { type RegistryOptions, type RegistryServer, startRegistry } from './start.js'
export type { TokenOptions } from './tokens.js'
