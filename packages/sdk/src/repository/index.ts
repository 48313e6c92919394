export { type Format, placeOf, type RepositoryAddress } from './address.js'
export { directory } from './directory.js'
export { packagecloud, type PackagecloudOptions } from './packagecloud.js'
