import {
  all,
  anything,
  byType,
  type Check,
  ensure,
  exactlyOne,
  fields,
  flag,
  type MapCheck,
  mapping,
  oneOf,
  requireKey,
  text,
  textOrTexts,
} from '../checks.js'
import type { RuleId } from '../rule.js'
import { isBlank, isInteger, isMap, isText, rubyText } from '../value.js'

/** `aws_secrets_manager` is newer than the GitLab version that is modelled. */
const managers = ['vault', 'azure_key_vault', 'gcp_secret_manager', 'aws_secrets_manager', 'akeyless', 'gitlab_secrets_manager']

/** A mapping of names to mappings. */
const named = (rule: RuleId, code: string, check: MapCheck): Check =>
  mapping(rule, code, (map, place) => {
    for (const [name, value] of map) mapping(rule, code, check)(value, place.at(rubyText(name)))
  })

const audience: MapCheck = (map, place) => {
  if ((map.get('aud') ?? null) === null) place.fail('J22', 'id-token-audience-missing', 'has no `aud`')
}
export const idTokens: Check = named(
  'J22',
  'id-tokens',
  all(fields('J22', 'id-token', { aud: textOrTexts('J22', 'id-token-audience') }), audience),
)

const part = text('J23', 'secret-part')
const engine = mapping('J23', 'secret-engine', fields('J23', 'secret-engine', { name: part, path: part }, 'name', 'path'))
const vault = byType('J23', 'secret-vault', 'a string, or a mapping with `engine`, `path` and `field`', {
  text: (value, place) => {
    if (isBlank(value)) place.fail('J23', 'secret-vault', 'names no secret')
  },
  map: fields('J23', 'secret-vault', { engine, path: part, field: part }, 'engine', 'path', 'field'),
})
const version = ensure('J23', 'secret-version', (value) => isText(value) || isInteger(value), 'should be a string or an integer')
const withVersion = mapping('J23', 'secret-manager', fields('J23', 'secret-manager', { name: part, version }, 'name'))

export const identity: Check = oneOf('J23', 'identity', 'google_cloud')
export const dastConfiguration: Check = mapping(
  'J23',
  'dast-configuration',
  fields('J23', 'dast-configuration', { site_profile: text('J23', 'dast-profile'), scanner_profile: text('J23', 'dast-profile') }),
)

const googleToken: MapCheck = (map, place) => {
  if (isMap(map.get('gcp_secret_manager'))) requireKey('J23', 'secret-token', 'token', ': `gcp_secret_manager` needs it')(map, place)
}
export const secrets: Check = named(
  'J23',
  'secrets',
  all(
    fields('J23', 'secret', {
      ...Object.fromEntries(managers.map((key) => [key, anything])),
      vault,
      azure_key_vault: withVersion,
      gcp_secret_manager: withVersion,
      file: flag('J23', 'secret-file'),
      token: text('J23', 'secret-token'),
    }),
    exactlyOne('J23', 'secret', ...managers),
    googleToken,
  ),
)
