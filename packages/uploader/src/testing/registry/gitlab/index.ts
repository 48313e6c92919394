export type { RegistryJob } from './accounts.js'
export type { ProtectionRule, RegistryProject, Role } from './projects.js'
export { type GitlabRegistry, type GitlabRegistryOptions, startGitlabRegistry } from './start.js'
export { RegistryTokenService, type TokenServiceOptions } from './token-service.js'
