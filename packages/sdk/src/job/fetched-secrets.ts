import type { IssueFacts } from '../issue/facts.js'
import type { JobKeywords } from '../keyword/job-keywords.js'
import type { ExternalSecret } from '../keyword/secrets.js'
import type { Secret } from '../secret.js'

/**
 * The keywords of a job with what makes GitLab give it its secrets: ID tokens under their own names; and for what is in Vault, an ID token for
 * each audience, and for each secret the token that it is shown for. Jobs that declare none are left as they are.
 */
export function withFetched(
  job: string,
  keywords: JobKeywords,
  secrets: readonly Secret[],
  report: (facts: IssueFacts) => void,
): JobKeywords {
  const refused = (keyword: string, expected: string, found: string) => report({ code: 'structure/value', job, keyword, expected, found })
  for (const [index, { variable }] of secrets.entries()) {
    if (secrets.findIndex((other) => other.variable === variable) < index)
      refused('secrets', 'one secret for each variable', `${variable} from two places`)
  }
  const fetched = secrets.flatMap(({ variable, vault }) => (vault === undefined ? [] : [{ variable, vault }]))
  const own = secrets.flatMap(({ variable, idToken }) => (idToken === undefined ? [] : [[variable, idToken] as const]))
  if (fetched.length === 0 && own.length === 0) return keywords
  const { idTokens = {}, gitlabSecrets = {} } = keywords
  for (const [name] of own)
    if (Object.hasOwn(idTokens, name)) refused(`idTokens.${name}`, 'nothing, since it is one of the secrets', 'another token')
  const withOwn = { ...keywords, ...(own.length > 0 && { idTokens: { ...idTokens, ...Object.fromEntries(own) } }) }
  if (fetched.length === 0) return withOwn
  const audiences = [...new Set(fetched.map(({ vault }) => vault.aud))]
  const tokenOf = (aud: string) => `STAGEGATE_ID_TOKEN${audiences.indexOf(aud) === 0 ? '' : `_${audiences.indexOf(aud) + 1}`}`
  for (const { variable } of fetched)
    if (Object.hasOwn(gitlabSecrets, variable))
      refused(`gitlabSecrets.${variable}`, 'nothing, since it is one of the secrets', 'another secret')
  for (const name of audiences.map(tokenOf))
    if (Object.hasOwn(idTokens, name)) refused(`idTokens.${name}`, 'nothing, since such names are reserved for Stagegate', 'another token')
  return {
    ...withOwn,
    idTokens: { ...withOwn.idTokens, ...Object.fromEntries(audiences.map((aud) => [tokenOf(aud), { aud }])) },
    gitlabSecrets: {
      ...gitlabSecrets,
      ...Object.fromEntries(
        // Without `file: false` the variable would hold the path of a file.
        fetched.map(({ variable, vault: { path, aud } }): [string, ExternalSecret] => [
          variable,
          { vault: path, file: false, token: `$${tokenOf(aud)}` },
        ]),
      ),
    },
  }
}
