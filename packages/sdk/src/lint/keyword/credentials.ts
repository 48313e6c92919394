import { all, anything, type Check, exactlyOne, fields, type MapCheck, mapping, textOrTexts } from '../checks.js'
import type { Place } from '../place.js'
import { isBlank, isMap, shown, type YamlMap } from '../value.js'

const managers = ['vault', 'azure_key_vault', 'gcp_secret_manager', 'akeyless', 'gitlab_secrets_manager']

/** A mapping of names to mappings, each judged by itself. */
const named = (rule: string, code: string, check: MapCheck): Check =>
  mapping(rule, code, (map: YamlMap, place: Place) => {
    for (const [name, value] of map) mapping(rule, code, check)(value, place.entry(shown(name)))
  })

const audience: MapCheck = (map, place) => {
  if (!map.has('aud')) place.fail({ rule: 'J22', code: 'id-token-audience', rest: 'missing required keys: aud', ours: 'has no `aud`' })
}
export const idTokens: Check = named(
  'J22',
  'id-tokens',
  all(fields('J22', 'id-token', { attributes: { aud: textOrTexts('J22', 'id-token-audience') } }), audience),
)

const googleToken: MapCheck = (map, place) => {
  if (isMap(map.get('gcp_secret_manager')) && isBlank(map.get('token')))
    place.attribute('token').fail({
      rule: 'J23',
      code: 'secret-token',
      rest: 'is required with gcp secrets manager',
      ours: 'is missing: `gcp_secret_manager` needs it',
    })
}
export const secrets: Check = named(
  'J23',
  'secrets',
  all(
    fields('J23', 'secret', { attributes: Object.fromEntries([...managers, 'file', 'token'].map((key) => [key, anything])) }),
    exactlyOne('J23', 'secret', managers),
    googleToken,
  ),
)
