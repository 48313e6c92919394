import { gitlabLimits } from '../../gitlab/limits.js'
import {
  all,
  atMost,
  byType,
  type Check,
  eachItem,
  ensure,
  exactlyOne,
  fields,
  flag,
  isTexts,
  itemsOf,
  mapping,
  passes,
  texts,
} from '../checks.js'
import { isBlank, isList, isText, type Yaml } from '../value.js'
import { whenKept } from './when.js'

/** GitLab's own expression is not anchored: `xpullx` passes. */
const isPolicy = (value: Yaml): boolean => isBlank(value) || (isText(value) && /push|pull|\$\w|\$\{|%\w+%/.test(value))

function unescaped(key: string): string {
  try {
    return decodeURIComponent(key)
  } catch {
    return key
  }
}

const keyText: Check = (value, place) => {
  const path = isText(value) ? unescaped(value) : ''
  if (path.includes('/')) place.fail('C3', 'cache-key', 'contains a slash, plain or as %2F')
  else if (path === '.' || path === '..') place.fail('C3', 'cache-key', 'is `.` or `..`')
}

const prefix: Check = (value, place) => {
  if (isText(value)) keyText(value, place)
  else place.fail('C3', 'cache-key-prefix', 'should be a string')
}

const files: Check = (value, place) => {
  if (!passes(value, isTexts)) place.fail('C3', 'cache-key-files', 'should be a list of files')
  else if (isList(value) && value.length === 0) place.fail('C3', 'cache-key-files', 'names no file')
  else if (isList(value) && itemsOf(value).length > 2) place.fail('C3', 'cache-key-files', 'names more than two files')
}

const key = byType('C3', 'cache-key', 'a string, or a mapping with `files`', {
  text: keyText,
  map: all(fields('C3', 'cache-key', { files, files_commits: files, prefix }), exactlyOne('C3', 'cache-key', 'files', 'files_commits')),
})

const oneCache = mapping(
  'C1',
  'cache',
  fields('C1', 'cache', {
    key,
    untracked: flag('C1', 'cache-untracked'),
    paths: texts('C1', 'cache-paths'),
    when: whenKept('C2', 'cache-when'),
    policy: ensure('C2', 'cache-policy', isPolicy, 'should be pull-push, push, pull, or a variable'),
    unprotect: flag('C1', 'cache-unprotect'),
    fallback_keys: all(texts('C2', 'cache-fallback-keys'), atMost('C2', 'cache-fallback-keys', gitlabLimits.fallbackKeys)),
  }),
)

/** One cache, or a list of them. */
export const cache: Check = (value, place) => {
  if (!isList(value)) return oneCache(value, place)
  if (itemsOf(value).length > gitlabLimits.caches) place.fail('C1', 'cache-limit', `has more than ${gitlabLimits.caches} caches`)
  eachItem(oneCache)(value, place)
}
