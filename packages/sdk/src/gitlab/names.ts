/** Whether GitLab takes the name for an environment, or a resource group. @see https://docs.gitlab.com/ci/yaml/#environmentname */
export function isEnvironmentName(name: string): boolean {
  return /^[A-Za-z0-9_/${}. -]+$/.test(name) && !name.startsWith('/') && !name.endsWith('/')
}

/** The path of a project with its groups: `acme/tools/hello`. */
export const projectPath = /^\w[\w.-]*(?:\/\w[\w.-]*)+$/

export function isProjectPath(value: unknown): boolean {
  return typeof value === 'string' && projectPath.test(value)
}
