import { all, type Check, isTexts, must, texts } from '../checks.js'

const limit = 50

/** A tag of several, separated by commas, counts as several; in quotes it is one. */
const count = (tag: string): number => (tag.match(/"[^"]*"|'[^']*'|[^,"']+/g) ?? []).filter((part) => part.trim() !== '').length

export const tags: Check = all(
  texts('J14', 'tags'),
  must(
    'J14',
    'tags-limit',
    (value) => !isTexts(value) || value.reduce((sum, tag) => sum + count(tag), 0) < limit,
    `must be less than the limit of ${limit} tags`,
    `should be fewer than ${limit}`,
  ),
)
