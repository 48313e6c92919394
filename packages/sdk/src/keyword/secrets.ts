import { checked, flag, oneOf, text, textLike } from '../form/keyword.js'
import { authorKeys, either, fields, oneOrMany, textOr } from '../form/keyword-forms.js'

/** @see https://docs.gitlab.com/ci/yaml/#id_tokens */
export type IdTokens = Readonly<Record<string, { readonly aud: string | readonly string[] }>>

export const idTokens = authorKeys(fields<IdTokens[string]>({ aud: oneOrMany(text) }, 'aud'))

/** @see https://docs.gitlab.com/ci/yaml/#identity */
export type Identity = 'google_cloud'
export const identity = oneOf('google_cloud')

export interface VaultSecret {
  readonly engine: { readonly name: string; readonly path: string }
  readonly path: string
  readonly field: string
}
export interface AwsSecret {
  readonly secretId: string
  readonly versionId?: string | undefined
  readonly versionStage?: string | undefined
  readonly region?: string | undefined
  readonly roleArn?: string | undefined
  readonly roleSessionName?: string | undefined
  readonly field?: string | undefined
}

/** A secret that GitLab fetches for the job: from exactly one of the managers. */
export interface ExternalSecret {
  /** `production/db/password@ops`, or its parts. */
  readonly vault?: string | VaultSecret | undefined
  readonly gcpSecretManager?: { readonly name: string; readonly version?: string | number | undefined } | undefined
  readonly azureKeyVault?: { readonly name: string; readonly version?: string | undefined } | undefined
  readonly awsSecretsManager?: string | AwsSecret | undefined
  readonly gitlabSecretsManager?: { readonly name: string; readonly source?: string | undefined } | undefined
  /** Whether the variable holds the path of a file with the secret, or the secret itself. @default true */
  readonly file?: boolean | undefined
  /** The one of the job's `idTokens` to show: `$VAULT_TOKEN`. @default the only one */
  readonly token?: string | undefined
}

/** By the name of the variable that holds each. @see https://docs.gitlab.com/ci/yaml/#secrets */
export type ExternalSecrets = Readonly<Record<string, ExternalSecret>>

const managers = ['vault', 'gcpSecretManager', 'azureKeyVault', 'awsSecretsManager', 'gitlabSecretsManager'] as const
const one = checked<ExternalSecret>(
  {
    expected: `an object with exactly one of ${managers.join(', ')}`,
    fits: (value) => typeof value === 'object' && value !== null && managers.filter((manager) => manager in value).length === 1,
  },
  () => undefined,
)

const secret = fields<ExternalSecret>({
  vault: textOr(
    fields<VaultSecret>(
      { engine: fields<VaultSecret['engine']>({ name: text, path: text }, 'name', 'path'), path: text, field: text },
      'engine',
      'path',
      'field',
    ),
  ),
  gcpSecretManager: fields<NonNullable<ExternalSecret['gcpSecretManager']>>(
    {
      name: text,
      version: either<number, string>(
        (value): value is number => typeof value === 'number',
        checked({ expected: 'an integer', fits: Number.isInteger }, Number),
        text,
      ),
    },
    'name',
  ),
  azureKeyVault: fields<NonNullable<ExternalSecret['azureKeyVault']>>({ name: text, version: text }, 'name'),
  awsSecretsManager: textOr(
    fields<AwsSecret>(
      { secretId: text, versionId: text, versionStage: text, region: text, roleArn: text, roleSessionName: text, field: text },
      'secretId',
    ),
  ),
  gitlabSecretsManager: fields<NonNullable<ExternalSecret['gitlabSecretsManager']>>(
    { name: textLike(/^\w+$/, 'a name of letters, digits and _'), source: text },
    'name',
  ),
  file: flag,
  token: text,
})

export const externalSecrets = authorKeys<ExternalSecret>({
  ...secret,
  render(value, at, report) {
    one.render(value, at, report)
    return secret.render(value, at, report)
  },
})
