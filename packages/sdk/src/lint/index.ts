export type { Finding, Path } from './finding.js'
export { defaultLimits, type Limits } from './limits.js'
export { type LintOptions, type LintResult, lintDocument, lintText, resolveDocument } from './lint.js'
export type { ReadFile, ReadLocal } from './resolve/include.js'
