import { expect, test } from 'vitest'
import { told } from './testing/one-job.js'

test.each<[object, string]>([
  [{ idTokens: { A: {} } }, 'idTokens.A.aud of the job job is undefined, but should be a string'],
  [{ idTokens: { A: { aud: 'x', sub: 'y' } } }, 'the job job has idTokens.A.sub, which is not a keyword'],
  [
    { gitlabSecrets: { A: { file: true } } },
    'gitlabSecrets.A of the job job is an object, but should be an object with exactly one of vault, gcpSecretManager, azureKeyVault, awsSecretsManager, gitlabSecretsManager',
  ],
  [
    { gitlabSecrets: { A: { vault: { path: 'x', field: 'y', engine: { name: 'kv' } } } } },
    'gitlabSecrets.A.vault.engine.path of the job job is undefined, but should be a string',
  ],
  [
    { gitlabSecrets: { A: { awsSecretsManager: { secretId: 'x', secretRegion: 'y' } } } },
    'the job job has gitlabSecrets.A.awsSecretsManager.secretRegion, which is not a keyword',
  ],
])('a token or secret that GitLab would not take is an issue: %j', (props, sentence) => {
  expect(told(props)).toEqual([sentence])
})
