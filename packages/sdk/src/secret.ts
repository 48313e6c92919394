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
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) throw new TypeError(`Expected the name of a variable, got ${JSON.stringify(name)}`)
    return new Secret(name)
  }
}
