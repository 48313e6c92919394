export type { RepositoryOptions } from './accounts.js'
export { type DistributionTable, packagecloudDistributions } from './distribution-table.js'
export { type PackagecloudOptions, type PackagecloudServer, startPackagecloud } from './start.js'
export { type Lags, readTokenOf, type StoredPackage } from './stored-package.js'
