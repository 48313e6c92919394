import { all, byType, type Check, ensure, exactlyOne, fields, type MapCheck, mapping, noneMissing, text } from '../checks.js'
import { isText, isUnknown, rubyText } from '../value.js'

// GitLab checks steps with a JSON schema: a key without a value is refused too.
const isName = (value: unknown): boolean => typeof value === 'string' && /^[a-zA-Z_]\w*$/.test(value)

const named = (what: string, check: Check): Check =>
  mapping('J25', `step-${what}`, (map, place) => {
    for (const [key, value] of map) {
      const at = place.at(rubyText(key))
      if (isName(key)) check(value, at)
      else at.fail('J25', `step-${what}-name`, 'should consist of letters, digits and _, and not start with a digit')
    }
  })
const env = named('env', text('J25', 'step-env'))
const inputs = named('inputs', () => undefined)

/** A place for the code of a step, in its own mapping. */
const codeIn = (kind: 'git' | 'oci', required: readonly string[], ...optional: readonly string[]): Check =>
  mapping(
    'J25',
    'step-source',
    noneMissing(
      'J25',
      'step-source',
      fields('J25', 'step-source', Object.fromEntries([...required, ...optional].map((key) => [key, text('J25', `step-${kind}-${key}`)]))),
      ...required,
    ),
  )
const source: Check = byType('J25', 'step-source', 'a string, or a mapping with `git` or `oci`', {
  text: () => undefined,
  map: all(
    noneMissing(
      'J25',
      'step-source',
      fields('J25', 'step-source', {
        git: codeIn('git', ['url', 'rev'], 'dir', 'file'),
        oci: codeIn('oci', ['registry', 'repository', 'tag'], 'dir', 'file'),
      }),
    ),
    exactlyOne('J25', 'step-source', 'git', 'oci'),
  ),
})

const script = ensure('J25', 'step-script', (value) => isText(value) && value !== '', 'should be a string with at least one command')
const scriptStep = noneMissing('J25', 'step', fields('J25', 'step', { name: () => undefined, env, script }))
const sourceStep = noneMissing('J25', 'step', fields('J25', 'step', { name: () => undefined, env, inputs, step: source, func: source }))

const step: MapCheck = (map, at) => {
  if (!isName(map.get('name')) && !isUnknown(map.get('name')))
    at.at('name').fail('J25', 'step-name', 'should consist of letters, digits and _, and not start with a digit')
  exactlyOne('J25', 'step', 'step', 'func', 'script')(map, at)
  if (map.has('script')) scriptStep(map, at)
  else sourceStep(map, at)
}

/** `run`, the list of steps. */
export const steps: Check = byType('J25', 'steps', 'a list of steps', {
  list: (list, at) => {
    for (const [index, item] of list.entries()) mapping('J25', 'step', step)(item, at.at(index))
  },
})
