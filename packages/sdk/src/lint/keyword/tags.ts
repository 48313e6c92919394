import { gitlabLimits } from '../../gitlab/limits.js'
import { all, type Check, ensure, isTexts, texts } from '../checks.js'

/** A tag with commas counts as several, unless it is quoted. */
const count = (tag: string): number => (tag.match(/"[^"]*"|'[^']*'|[^,"']+/g) ?? []).filter((part) => part.trim() !== '').length

export const tags: Check = all(
  texts('J14', 'tags'),
  ensure(
    'J14',
    'tags-limit',
    (value) => !isTexts(value) || value.reduce((sum, tag) => sum + count(tag), 0) < gitlabLimits.tags,
    `has ${gitlabLimits.tags} tags or more`,
  ),
)
