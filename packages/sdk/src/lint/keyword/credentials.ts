import { all, anything, type Check, exactlyOne, fields, type MapCheck, mapping, requireKey, textOrTexts } from '../checks.js'
import type { RuleId } from '../rule.js'
import { isMap, rubyText } from '../value.js'

const managers = ['vault', 'azure_key_vault', 'gcp_secret_manager', 'akeyless', 'gitlab_secrets_manager']

/** A mapping of names to mappings. */
const named = (rule: RuleId, code: string, check: MapCheck): Check =>
  mapping(rule, code, (map, place) => {
    for (const [name, value] of map) mapping(rule, code, check)(value, place.at(rubyText(name)))
  })

const audience: MapCheck = (map, place) => {
  if (!map.has('aud')) place.fail('J22', 'id-token-audience', 'has no `aud`')
}
export const idTokens: Check = named(
  'J22',
  'id-tokens',
  all(fields('J22', 'id-token', { aud: textOrTexts('J22', 'id-token-audience') }), audience),
)

const googleToken: MapCheck = (map, place) => {
  if (isMap(map.get('gcp_secret_manager'))) requireKey('J23', 'secret-token', 'token', ': `gcp_secret_manager` needs it')(map, place)
}
export const secrets: Check = named(
  'J23',
  'secrets',
  all(
    fields('J23', 'secret', Object.fromEntries([...managers, 'file', 'token'].map((key) => [key, anything]))),
    exactlyOne('J23', 'secret', ...managers),
    googleToken,
  ),
)
