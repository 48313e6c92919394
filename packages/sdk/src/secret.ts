import { isVariableName } from '@stagegate/schema'

/** Where GitLab fetches a secret from for each job that declares it. */
export interface VaultPlace {
  /** `production/packages/token@ops`: the path, the field, and the engine's mount. */
  readonly path: string
  /** The audience of the job's ID token, by which Vault knows for whom it was made. */
  readonly aud: string
}

/** A credential, by name. Its value is never in the pipeline, the plan or a log. */
export class Secret {
  /**
   * The token that GitLab gives to every job: for repositories of the same GitLab, and for staging alone. As every job has
   * it, nothing that is written to with it can have a gate.
   */
  static readonly jobToken: Secret = new Secret('CI_JOB_TOKEN')

  /** The environment variable that holds it in a job. */
  readonly variable: string
  /** For a secret that is not a variable of the project. */
  readonly vault?: VaultPlace
  /** Whether the variable holds the path of a file with the secret. */
  readonly file?: true
  /** For an ID token of the job: its audience. */
  readonly idToken?: { readonly aud: string }

  private constructor(variable: string, { vault, file, idToken }: Pick<Secret, 'vault' | 'file' | 'idToken'> = {}) {
    this.variable = variable
    if (vault !== undefined) this.vault = vault
    if (file !== undefined) this.file = file
    if (idToken !== undefined) this.idToken = idToken
  }

  /**
   * A CI/CD variable of the project or group. Make it protected, masked and hidden, and scope a public repository's to
   * the environments `public/*`.
   * @throws {TypeError} when it is not the name of a variable
   */
  static variable(this: void, name: string): Secret {
    return new Secret(soundName(name))
  }

  /**
   * A CI/CD variable of the type File: jobs get the path of a file with its value, which they may give to any command. A repository's
   * credential is none, as the uploader sends the value.
   *
   * @example
   * new Job(app, 'sign', { secrets: [Secret.file('GPG_KEY_PATH')], script: ['gpg --import "$GPG_KEY_PATH"', './sign'] })
   * @throws {TypeError} when it is not the name of a variable
   */
  static file(this: void, name: string): Secret {
    return new Secret(soundName(name), { file: true })
  }

  /**
   * A secret in HashiCorp Vault (GitLab Premium), which GitLab fetches for the jobs that declare it, as the variable `as`.
   * Vault's roles tell jobs apart by the claims of their ID tokens: bind a public repository's to an audience of its own,
   * to `environment` and to `ref_protected`. Any job that asks for a token of that audience counts as one that can publish.
   *
   * @example
   * Secret.vault('release/packagecloud/token@ops', { as: 'PUBLIC_TOKEN', aud: 'https://vault.example/publish' })
   * @throws {TypeError} when `as` is not the name of a variable, the path has no field, or the audience is none or has variables
   */
  static vault(this: void, path: string, { as, aud }: { readonly as: string; readonly aud: string }): Secret {
    if (!/^[^\s@$/]+(?:\/[^\s@$/]+)+(?:@[^\s@$]+)?$/.test(path))
      throw new TypeError(`Expected the path of a secret, such as production/packages/token@ops, got ${JSON.stringify(path)}`)
    return new Secret(soundName(as), { vault: { path, aud: soundAudience(aud) } })
  }

  /**
   * An ID token, which GitLab makes for each job that declares it, as the variable of this name: a role of AWS is taken with it, and no key is
   * kept anywhere. Give the role that may publish an audience of its own, and let its trust policy ask for that audience and for protected tags
   * (`sub`). Any job that asks for a token of that audience counts as one that can publish.
   *
   * @example
   * s3('acme-packages', { region, credentials: { role: 'arn:aws:iam::123456789012:role/publish', token: Secret.idToken('PUBLISH_TOKEN', { aud: 'publish.acme.example' }) } })
   * @throws {TypeError} when it is not the name of a variable, or the audience is none or has variables
   */
  static idToken(this: void, name: string, { aud }: { readonly aud: string }): Secret {
    return new Secret(soundName(name), { idToken: { aud: soundAudience(aud) } })
  }
}

function soundName(name: string): string {
  if (!isVariableName(name)) throw new TypeError(`Expected the name of a variable, got ${JSON.stringify(name)}`)
  return name
}

/** An audience is held against those of other jobs, and a variable could come to be anything. */
function soundAudience(aud: string): string {
  if (/^[^\s$]+$/.test(aud)) return aud
  throw new TypeError(`Expected an audience without variables, such as https://vault.example, got ${JSON.stringify(aud)}`)
}

/** Variables that GitLab gives to every job. */
const everywhere = ['CI_JOB_TOKEN', 'CI_REGISTRY_PASSWORD', 'CI_DEPLOY_PASSWORD', 'CI_DEPENDENCY_PROXY_PASSWORD', 'CI_REPOSITORY_URL']

/** Whether every job has it, whatever the job declares. */
export function isEverywhere({ variable }: Pick<Secret, 'variable'>): boolean {
  return everywhere.includes(variable)
}

/** Each once: two of one variable and one place are the same. */
export function unique(secrets: readonly Secret[]): readonly Secret[] {
  return secrets.filter((secret, index) => secrets.findIndex((other) => isSame(other, secret)) === index)
}

function isSame(one: Secret, other: Secret): boolean {
  const [kind, otherKind] = [one, other].map(({ file, vault, idToken }) => [file, vault?.path, vault?.aud, idToken?.aud])
  return one.variable === other.variable && kind?.every((part, index) => part === otherKind?.[index]) === true
}
