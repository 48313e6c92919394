import { all, anything, type Check, fields, type MapCheck, mapping, must, text, texts } from '../checks.js'
import { isBlank, isMap, isText } from '../value.js'

const isInstant = (value: unknown): boolean =>
  typeof value === 'string' &&
  /^\d{4}-?\d\d-?\d\d(?:[T ]\d\d(?::?\d\d(?::?\d\d(?:[.,]\d+)?)?)?(?:Z|[+-]\d\d(?::?\d\d)?)?)?$/i.test(value.trim()) &&
  !Number.isNaN(Date.parse(value.slice(0, 10)))

/** git-check-ref-format, or a commit; a variable will become one of them. */
const isRef = (value: unknown): boolean =>
  typeof value === 'string' &&
  value !== '' &&
  !/[\s~^:?*[\\]|\.\.|@\{|\/\/|^[./-]|\/\.|[./]$|\.lock$/.test(value.replaceAll(/\$\{?\w+\}?/g, 'x'))

const presentText: (key: string) => MapCheck = (key) => (map, place) => {
  const [value, at] = [map.get(key) ?? null, place.attribute(key)]
  const code = `release-${key.replaceAll('_', '-')}`
  if (!isText(value)) at.fail({ rule: 'L1', code, rest: 'should be a string' })
  if (isBlank(value)) at.fail({ rule: 'L1', code, rest: "can't be blank", ours: 'is missing' })
}

const assets: Check = mapping(
  'L1',
  'release-assets',
  fields('L1', 'release-assets', {
    attributes: {
      links: must(
        'L1',
        'release-links',
        (value) => Array.isArray(value) && value.every((item) => isMap(item)),
        'should be an array of hashes',
        'should be a list of mappings',
      ),
    },
  }),
)

export const release: Check = mapping(
  'L1',
  'release',
  all(
    fields('L1', 'release', {
      attributes: {
        tag_name: anything,
        description: anything,
        tag_message: text('L1', 'release-tag-message'),
        name: text('L1', 'release-name'),
        ref: must('L2', 'release-ref', isRef, 'must be a valid ref', 'is no name of a branch, a tag or a commit'),
        released_at: must(
          'L2',
          'release-released-at',
          isInstant,
          'must be a valid datetime',
          'should be a date and time as in ISO 8601, in quotes',
        ),
        milestones: texts('L1', 'release-milestones'),
      },
      entries: { assets },
    }),
    presentText('tag_name'),
    presentText('description'),
  ),
)
