import { all, type Check, fields, isTexts, mapping, passes, unknownIn } from '../checks.js'
import { isList } from '../value.js'

/** Keywords of `default`, as GitLab's inheritance lists them. */
const inheritable = [
  'before_script',
  'after_script',
  'hooks',
  'cache',
  'image',
  'services',
  'interruptible',
  'timeout',
  'retry',
  'tags',
  'artifacts',
  'id_tokens',
  'identity',
]

const flagOrTexts: Check = (value, place) => {
  if (typeof value !== 'boolean' && !passes(value, isTexts)) place.fail('R8', 'inherit', 'should be true, false, or a list of strings')
}

const knownOnly: Check = (value, place) => {
  const unknown = isList(value) && passes(value, isTexts) ? unknownIn(value, inheritable) : undefined
  if (unknown !== undefined) place.fail('R8', 'inherit-default', `has ${unknown}, which \`default\` cannot set`)
}

export const inherit: Check = mapping(
  'R8',
  'inherit',
  fields('R8', 'inherit', { default: all(flagOrTexts, knownOnly), variables: flagOrTexts }),
)
