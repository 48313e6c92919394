import { type Check, must, shape, unknownKeys } from '../checks.js'
import type { Place } from '../place.js'
import { isInteger, isList, isMap, isText, isWord, type Yaml, type YamlMap } from '../value.js'

const most = 200

const count: Check = (value, place) => {
  if (!isInteger(value) || (value >= 1 && value <= most)) return
  const rest = value < 1 ? 'must be greater than or equal to 1' : `must be less than or equal to ${most}`
  place.fail({ rule: 'P1', code: 'parallel-count', rest, ours: `should be from 1 to ${most}` })
}

const noCount: Check = (_, place) =>
  place.fail({
    rule: 'T3',
    code: 'trigger-parallel-number',
    rest: 'cannot use "parallel: <number>".',
    ours: 'should be a `matrix` here, no number',
  })

const isRowValue = (value: Yaml): boolean =>
  isList(value) ? value.length > 0 && value.every(isWord) : isWord(value) && (!isText(value) || value.trim() !== '')

function row(value: Yaml, place: Place): void {
  if (isMap(value) && value.size > 0 && [...value].every(([key, member]) => isWord(key) && isRowValue(member))) return
  if (isMap(value) && value.size === 0)
    place.fail({ rule: 'P2', code: 'matrix-row-empty', rest: 'requires at least 1 items', ours: 'has no variable' })
  else
    place.fail({
      rule: 'P3',
      code: 'matrix-row',
      rest: 'should be a hash of key value pairs, value can be an array',
      ours: 'should map variables to strings or whole numbers, or to lists of them, none of them empty',
    })
}

/** The jobs that a row of a matrix makes. */
const jobsOfRow = (value: Yaml): number =>
  isMap(value) ? [...value.values()].reduce<number>((product, member) => product * (isList(member) ? member.length : 1), 1) : 0

export const matrix: Check = (value, place) => {
  if (!isList(value) || !value.every(isMap))
    return place.fail({ rule: 'P2', code: 'matrix', rest: 'should be an array of hashes', ours: 'should be a list of mappings' })
  for (const [index, item] of value.entries()) row(item, place.item(index).called(`${place.locationOf()}:variables`))
  if (value.reduce<number>((sum, item) => sum + jobsOfRow(item), 0) > most)
    place.fail({
      rule: 'P4',
      code: 'matrix-jobs',
      rest: `generates too many jobs (maximum is ${most})`,
      ours: `makes more than ${most} jobs`,
    })
}

function matrixMap(map: YamlMap, place: Place): void {
  unknownKeys('P2', 'parallel', map, ['matrix'], place)
  if (!map.has('matrix'))
    place.fail({ rule: 'P2', code: 'parallel-matrix', rest: 'missing required keys: matrix', ours: 'has no `matrix`' })
  else if (map.get('matrix') !== null) matrix(map.get('matrix') ?? null, place.entry('matrix'))
}

const neither = must(
  'P1',
  'parallel',
  () => false,
  'should be an integer or a hash',
  'should be a whole number, or a mapping with `matrix`',
)
/** GitLab leaves out the word `config` where the form is wrong, but not where a number is no integer. */
const otherwise: Check = (value, place) => {
  if (typeof value === 'number') place.fail({ rule: 'P1', code: 'parallel', rest: 'must be an integer', ours: 'should be a whole number' })
  else neither(value, place.called(place.locationOf(), ''))
}

export const parallel: Check = shape({ integer: count, map: matrixMap }, otherwise)
export const parallelOfTrigger: Check = shape({ integer: noCount, map: matrixMap }, otherwise)
