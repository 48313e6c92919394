import { all, anything, type Check, ensure, fields, type MapCheck, mapping, textOrTexts } from '../checks.js'
import { isBlank, isList, isMap, isText, isUnknown } from '../value.js'

const isInstant = (value: unknown): boolean =>
  typeof value === 'string' &&
  /^\d{4}-?\d\d-?\d\d(?:[T ]\d\d(?::?\d\d(?::?\d\d(?:[.,]\d+)?)?)?(?:Z|[+-]\d\d(?::?\d\d)?)?)?$/i.test(value.trim()) &&
  !Number.isNaN(Date.parse(value.slice(0, 10)))

/** A commit, or a name that git-check-ref-format accepts. Any value of a variable could be one. */
const isRef = (value: unknown): boolean =>
  typeof value === 'string' &&
  value !== '' &&
  value !== 'HEAD' &&
  !/^refs\/(?:heads|remotes|tags)\//.test(value) &&
  !/[\s~^:?*[\\]|\.\.|@\{|\/\/|^[./-]|\/\.|[./]$|\.lock$/.test(value.replaceAll(/\$\{?\w+\}?/g, 'x'))

const presentText: (key: string) => MapCheck = (key) => (map, place) => {
  const [value, at] = [map.get(key) ?? null, place.at(key)]
  if (isUnknown(value)) return
  const code = `release-${key.replaceAll('_', '-')}`
  if (!isText(value)) at.fail('L1', code, 'should be a string')
  if (isBlank(value)) at.fail('L1', code, 'is missing')
}

const links = ensure('L1', 'release-links', (value) => isList(value) && value.every(isMap), 'should be a list of mappings')
const assets: MapCheck = all(fields('L1', 'release-assets', { links }), (map, place) => {
  if (isBlank(map.get('links'))) place.at('links').fail('L1', 'release-links-missing', 'is missing: `assets` needs at least one link')
})

export const release: Check = mapping(
  'L1',
  'release',
  all(
    fields('L1', 'release', {
      tag_name: anything,
      description: anything,
      tag_message: anything,
      name: anything,
      ref: ensure('L2', 'release-ref', isRef, 'should be the name of a branch or tag, or a commit'),
      released_at: ensure('L2', 'release-released-at', isInstant, 'should be a date and time in ISO 8601, in quotes'),
      milestones: textOrTexts('L1', 'release-milestones'),
      assets: mapping('L1', 'release-assets', assets),
    }),
    presentText('tag_name'),
    presentText('description'),
  ),
)
