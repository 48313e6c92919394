import { describe, expect, test } from 'vitest'
import { Job, type JobProps, PackageTarget, PublicRepo, packagecloud, Secret, StagingRepo, sentenceOf } from '../index.js'
import { branchApp, emptyRelease } from '../testing/small-release.js'

const [aud, publish] = ['https://vault.example', 'https://vault.example/publish']
const token = (as: string, of = aud) => Secret.vault(`packages/${as}@ops`, { as, aud: of })

function synthesized(props: Partial<JobProps>) {
  const { app } = branchApp()
  new Job(app, 'job', { script: ['./go'], ...props } as JobProps)
  return app.synth()
}

describe('a job with secrets in Vault', () => {
  test('asks for an ID token for each audience, and gets each secret as the value of its variable', () => {
    const { issues, document } = synthesized({ secrets: [token('A'), token('B', publish), Secret.variable('C'), token('D')] })
    expect(issues).toEqual([])
    expect(document.jobs['job']).toMatchObject({
      id_tokens: { STAGEGATE_ID_TOKEN: { aud }, STAGEGATE_ID_TOKEN_2: { aud: publish } },
      secrets: {
        A: { vault: 'packages/A@ops', file: false, token: '$STAGEGATE_ID_TOKEN' },
        B: { vault: 'packages/B@ops', file: false, token: '$STAGEGATE_ID_TOKEN_2' },
        D: { vault: 'packages/D@ops', file: false, token: '$STAGEGATE_ID_TOKEN' },
      },
    })
  })

  test('keeps the tokens and secrets that it has of its own', () => {
    const { issues, document } = synthesized({
      secrets: [token('A')],
      idTokens: { MINE: { aud: 'x' } },
      gitlabSecrets: { B: { vault: 'a/b', token: '$MINE' } },
    })
    expect(issues).toEqual([])
    expect(document.jobs['job']?.['id_tokens']).toEqual({ MINE: { aud: 'x' }, STAGEGATE_ID_TOKEN: { aud } })
    expect(document.jobs['job']?.['secrets']).toMatchObject({ A: { vault: 'packages/A@ops' }, B: { vault: 'a/b' } })
  })

  test('gets an ID token under its own name', () => {
    const { issues, document } = synthesized({
      secrets: [Secret.idToken('ROLE', { aud: publish }), token('A')],
      idTokens: { MINE: { aud: 'x' } },
    })
    expect(issues).toEqual([])
    expect(document.jobs['job']?.['id_tokens']).toEqual({ MINE: { aud: 'x' }, ROLE: { aud: publish }, STAGEGATE_ID_TOKEN: { aud } })
  })

  test.each<[string, Partial<JobProps>, string]>([
    ['an ID token twice', { secrets: [Secret.idToken('A', { aud })], idTokens: { A: { aud } } }, 'idTokens.A'],
    ['an ID token in the place of a variable', { secrets: [Secret.idToken('A', { aud }), Secret.variable('A')] }, 'A from two places'],
    ['two secrets of one variable', { secrets: [token('A'), Secret.variable('A')] }, 'secrets of the job job is A from two places'],
    [
      'a secret that it has already',
      { secrets: [token('A')], gitlabSecrets: { A: { vault: 'a/b' } } },
      'gitlabSecrets.A of the job job is another secret',
    ],
    [
      'a token of a name of ours',
      { secrets: [token('A')], idTokens: { STAGEGATE_ID_TOKEN: { aud: 'x' } } },
      'idTokens.STAGEGATE_ID_TOKEN of the job job is another token',
    ],
  ])('refuses %s', (_, props, sentence) => {
    expect(synthesized(props).issues.map(sentenceOf)[0]).toContain(sentence)
  })
})

test('a release whose credentials are in Vault gives each job its own, and tells the release manager what Vault must know', () => {
  const { app, release, tagged } = emptyRelease()
  const vaulted = new StagingRepo(app, 'vaulted', { at: packagecloud('acme/vaulted', { token: token('STAGING') }) })
  const open = new PublicRepo(app, 'open', { at: packagecloud('acme/open', { token: token('PUBLIC', publish) }) })
  new PackageTarget(release, 'el/9', {
    build: { script: ['make'] },
    packages: 'dist/*.rpm',
    routes: [{ on: tagged, staging: vaulted, public: open }],
  })
  const { issues, document, files, plan } = app.synth()
  expect(issues).toEqual([])
  const audiences = (job: string) => Object.values(document.jobs[job]?.['id_tokens'] ?? {})
  expect(audiences('stage: [el/9]')).toEqual([{ aud }])
  expect(audiences('publish: [el/9]')).toEqual([{ aud }, { aud: publish }])
  expect(['prepare', 'build: [el/9]', 'seal', 'verify: [el/9]'].flatMap(audiences)).toEqual([])
  expect(plan.repositories['open']?.credentials).toEqual({ read: ['PUBLIC'], write: ['PUBLIC'] })
  expect(files.at(-1)?.text).toContain('| `packages/PUBLIC@ops` | `PUBLIC` | publish | `https://vault.example/publish` |')
  expect(files.at(-1)?.text).not.toContain('Settings > CI/CD > Variables: each protected')
})
