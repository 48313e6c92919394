export type { Finding, Path } from './finding.js'
export { defaultLimits, type Limits } from './limits.js'
export { type LintOptions, type LintResult, lintDocument, lintText } from './lint.js'
export type { ReadLocal } from './resolve/include.js'
