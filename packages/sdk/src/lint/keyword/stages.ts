import { type Check, flat, isNested, must, text } from '../checks.js'
import { isList, isText, type Yaml, type YamlMap } from '../value.js'
import { nestingLevels } from './script.js'

export const stages: Check = must(
  'R9',
  'stages',
  (value) => isNested(value, nestingLevels, isText),
  `should be an array of strings or a nested array of strings up to ${nestingLevels} levels deep`,
  'should be a list of names',
)

export const stage: Check = text('J7', 'stage')

/** A job that names no stage is in this one. */
export const defaultStage = 'test'

/** The stages in their order; `stages: []` leaves none at all. */
export function stagesOf(root: YamlMap): readonly Yaml[] {
  const own = root.get('stages')
  const named = isList(own) ? flat(own) : ['build', 'test', 'deploy']
  return isList(own) && own.length === 0 ? [] : ['.pre', ...named.filter((name) => name !== '.pre' && name !== '.post'), '.post']
}
