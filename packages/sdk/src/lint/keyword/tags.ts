import { gitlabLimits } from '../../gitlab/limits.js'
import { all, type Check, ensure, isTexts, texts } from '../checks.js'

/** A tag with commas means several tags, unless it is quoted. */
const parts = (tag: string): readonly string[] =>
  (tag.match(/"[^"]*"|'[^']*'|[^,"']+/g) ?? []).map((part) => part.trim().replaceAll(/^["']|["']$/g, '')).filter((part) => part !== '')

export const tags: Check = all(
  texts('J14', 'tags'),
  ensure(
    'J14',
    'tags-limit',
    (value) => !isTexts(value) || new Set(value.flatMap(parts)).size < gitlabLimits.tags,
    `has ${gitlabLimits.tags} different tags or more`,
  ),
)
