export { type Format, placeOf, type RepositoryAddress } from './address.js'
export { directory } from './directory.js'
export { type PackagecloudOptions, packagecloud } from './packagecloud.js'
