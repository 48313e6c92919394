import { type Check, ensure, flat, isNested, text } from '../checks.js'
import { isList, isText, type Yaml, type YamlMap } from '../value.js'
import { nestingLevels } from './script.js'

export const stages: Check = ensure('R9', 'stages', (value) => isNested(value, nestingLevels, isText), 'should be a list of names')

export const stage: Check = text('J7', 'stage')

/** The stage of a job that names none. */
export const defaultStage = 'test'

/** The stages in order. `stages: []` leaves none at all. */
export function stagesOf(root: YamlMap): readonly Yaml[] {
  const own = root.get('stages')
  const named = isList(own) ? flat(own) : ['build', 'test', 'deploy']
  return isList(own) && own.length === 0 ? [] : ['.pre', ...named.filter((name) => name !== '.pre' && name !== '.post'), '.post']
}
