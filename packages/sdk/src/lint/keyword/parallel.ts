import { gitlabLimits } from '../../gitlab/limits.js'
import { byType, type Check, holdsUnknown, passes, unknownKeys } from '../checks.js'
import type { Place } from '../place.js'
import { isList, isMap, isUnknown, isWord, type Yaml, type YamlMap } from '../value.js'

const most = gitlabLimits.parallel

const count: Check<number> = (value, place) => {
  if (value < 1) place.fail('P1', 'parallel-count', 'should be at least 1')
  else if (value > most) place.fail('P1', 'parallel-count', `should be at most ${most}`)
}
const noCount: Check = (_, place) => place.fail('T3', 'trigger-parallel-number', 'should be a mapping with `matrix` here, not a number')

/** Without a value, GitLab makes no job from the row. */
const isRowValue = (value: Yaml): boolean => (isList(value) ? value.every(isWord) : isWord(value))

function row(value: Yaml, place: Place): void {
  if (isMap(value) && value.size === 0) place.fail('P2', 'matrix-row-empty', 'has no variable')
  else if (isMap(value) && ![...value].every(([key, member]) => isWord(key) && passes(member, isRowValue)))
    place.fail('P3', 'matrix-row', 'should map variables to strings or integers, or to lists of them')
}

/** The number of jobs that a row of a matrix makes, as far as its values are known. */
const jobsOfRow = (value: Yaml): number =>
  isMap(value) && ![...value.values()].some(holdsUnknown)
    ? [...value.values()].reduce<number>((product, member) => product * (isList(member) ? member.length : 1), 1)
    : 0

export const matrix: Check = (value, place) => {
  if (isUnknown(value)) return
  if (!isList(value) || !passes(value, (list) => isList(list) && list.every(isMap)))
    return place.fail('P2', 'matrix', 'should be a list of mappings')
  for (const [index, item] of value.entries()) row(item, place.at(index))
  if (value.reduce<number>((sum, item) => sum + jobsOfRow(item), 0) > most)
    place.fail('P4', 'matrix-jobs', `creates more than ${most} jobs`)
}

function matrixMap(map: YamlMap, place: Place): void {
  unknownKeys('P2', 'parallel', ['matrix'])(map, place)
  if (!map.has('matrix')) place.fail('P2', 'parallel-matrix', 'has no `matrix`')
  else if (map.get('matrix') !== null) matrix(map.get('matrix') ?? null, place.at('matrix'))
}

const expected = 'an integer, or a mapping with `matrix`'
export const parallel: Check = byType('P1', 'parallel', expected, { integer: count, map: matrixMap })
export const parallelOfTrigger: Check = byType('P1', 'parallel', expected, { integer: noCount, map: matrixMap })
