import { isVariableName } from '@stagegate/schema'

/** A credential, by name. Its value is never in the pipeline, the plan or a log. */
export class Secret {
  /** The environment variable that holds it in a job. */
  readonly variable: string

  private constructor(variable: string) {
    this.variable = variable
  }

  /**
   * A CI/CD variable of the project or group. Make it protected, masked and hidden, and scope a public repository's to
   * the environments `public/*`.
   * @throws {TypeError} when it is not the name of a variable
   */
  static variable(this: void, name: string): Secret {
    if (!isVariableName(name)) throw new TypeError(`Expected the name of a variable, got ${JSON.stringify(name)}`)
    return new Secret(name)
  }
}

/** Each variable once: two secrets of one name are the same. */
export function unique(secrets: readonly Secret[]): readonly Secret[] {
  return secrets.filter((secret, index) => secrets.findIndex(({ variable }) => variable === secret.variable) === index)
}
