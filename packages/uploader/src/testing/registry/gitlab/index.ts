export type { RegistryJob } from './accounts.js'
export type { ProtectionRule, RegistryProject } from './projects.js'
export { type GitlabRegistry, type GitlabRegistryOptions, startGitlabRegistry } from './start.js'
export { type RefusedTag, RegistryTokenService, type TokenServiceOptions } from './token-service.js'
