import { all, atMost, type Check, exactlyOne, fields, flag, type MapCheck, must, shape, texts } from '../checks.js'
import { isList, isText } from '../value.js'
import { whenKept } from './when.js'

const mostCaches = 4
const mostFallbacks = 5

/** GitLab's own expression is not anchored: `xpullx` passes. */
const isPolicy = (value: unknown): boolean => typeof value === 'string' && /push|pull|\$\w|\$\{|%\w+%/.test(value)

function unescaped(key: string): string {
  try {
    return decodeURIComponent(key)
  } catch {
    return key
  }
}

const keyText: Check = (value, place) => {
  const path = isText(value) ? unescaped(value) : ''
  if (path.includes('/'))
    place.fail({ rule: 'C3', code: 'cache-key', rest: 'cannot contain the "/" character', ours: 'has a slash, plain or as %2F' })
  else if (path === '.' || path === '..')
    place.fail({ rule: 'C3', code: 'cache-key', rest: 'cannot be "." or ".."', ours: 'is `.` or `..`' })
}

const files: Check = (value, place) => {
  const [rule, code] = ['C3', 'cache-key-files']
  if (!isList(value) || !value.every(isText))
    place.fail({ rule, code, rest: 'should be an array of strings', ours: 'should be a list of files' })
  else if (value.length === 0) place.fail({ rule, code, rest: 'requires at least 1 item', ours: 'names no file' })
  else if (value.length > 2) place.fail({ rule, code, rest: 'has too many items (maximum is 2)', ours: 'names more than two files' })
}

const keyMap: MapCheck = all(
  fields('C3', 'cache-key', { entries: { files, files_commits: files, prefix: keyText } }),
  exactlyOne('C3', 'cache-key', ['files', 'files_commits']),
)
const key = shape(
  { text: keyText, map: keyMap },
  must('C3', 'cache-key', () => false, 'should be a hash, a string or a symbol', 'should be text, or a mapping with `files`'),
)

const cacheMap = fields('C1', 'cache', {
  entries: { key },
  attributes: {
    untracked: flag('C1', 'cache-untracked'),
    paths: texts('C1', 'cache-paths'),
    when: whenKept('C2', 'cache-when'),
    policy: must(
      'C2',
      'cache-policy',
      isPolicy,
      'should be a variable or one of: pull-push, push, pull',
      'should be pull-push, push, pull or a variable',
    ),
    unprotect: flag('C1', 'cache-unprotect'),
    fallback_keys: all(
      texts('C2', 'cache-fallback-keys'),
      // GitLab spells it so.
      atMost('C2', 'cache-fallback-keys', mostFallbacks, `has to many entries (maximum ${mostFallbacks})`),
    ),
  },
})
const one: Check = shape(
  { map: cacheMap },
  must('C1', 'cache', () => false, 'should be a hash', 'should be a mapping'),
)

/** One cache, or a list of them, which GitLab calls `caches`. */
export const cache: Check = shape(
  {
    map: one,
    list: (list, place) => {
      const rest = `no more than ${mostCaches} caches can be created`
      if (list.length > mostCaches)
        place.called(`${place.locationOf()}s`).fail({ rule: 'C1', code: 'cache-limit', rest, ours: `has more than ${mostCaches} caches` })
      for (const [index, item] of list.entries()) one(item, place.item(index))
    },
  },
  one,
)
