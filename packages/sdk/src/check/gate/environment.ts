/** A variable in a text. */
const reference = /\$(?:\{\w+\}|\w+)/

const publicFolder = 'public/'

/** The environments whose scoped variables are the credentials of public repositories. */
export function isPublicEnvironment(name: string): boolean {
  return name.startsWith(publicFolder)
}

/** Whether a name that begins with a variable can come to be one of them. What GitLab calls a slug has no `/`. */
export function canBePublic(name: string): boolean {
  const [variable] = reference.exec(name) ?? []
  const start = variable === undefined ? name : name.slice(0, name.indexOf(variable))
  return variable !== undefined && !/_SLUG\}?$/.test(variable) && publicFolder.startsWith(start) && start !== publicFolder
}
