import { all, type Check, fields, flag, text } from '../checks.js'
import type { Place } from '../place.js'
import { isBlank, isInteger, isList, isMap, isText, type Yaml, type YamlMap } from '../value.js'
import { matrix } from './parallel.js'

type NeedType = 'job' | 'cross_dependency' | 'cross_project' | 'bridge'

function typeOf(need: Yaml): NeedType | undefined {
  if (isText(need)) return 'job'
  if (!isMap(need)) return undefined
  if (need.has('job')) {
    if (need.has('project')) return need.has('pipeline') ? undefined : 'cross_project'
    return need.has('pipeline') ? 'cross_dependency' : need.has('ref') ? undefined : 'job'
  }
  return need.has('pipeline') && need.size === 1 ? 'bridge' : undefined
}

const present =
  (rule: string, code: string): Check =>
  (value, place) => {
    if (!isText(value)) place.fail({ rule, code, rest: 'should be a string' })
    if (isBlank(value)) place.fail({ rule, code, rest: "can't be blank", ours: 'is missing' })
  }

const artifacts = flag('N2', 'need-artifacts')
const parallelNeed: Check = (value, place) => {
  if (isMap(value) && value.has('matrix')) return matrix(value.get('matrix') ?? null, place.entry('matrix'))
  if (!isInteger(value))
    place.fail({ rule: 'N2', code: 'need-parallel', rest: 'should be a hash', ours: 'should be a mapping with `matrix`' })
}

/** The keys of each form of a need, all of which but the optional ones hold text. */
const forms: Readonly<Record<NeedType, (need: YamlMap, place: Place) => void>> = {
  job: form(['job'], { artifacts, optional: flag('N2', 'need-optional') }, { parallel: parallelNeed }),
  cross_dependency: form(['pipeline', 'job'], { artifacts }),
  cross_project: form(['project', 'ref', 'job'], { artifacts }),
  bridge: form(['pipeline'], {}),
}

function form(words: readonly string[], attributes: Readonly<Record<string, Check>>, entries: Readonly<Record<string, Check>> = {}) {
  const known = fields('N2', 'need', {
    entries,
    attributes: { ...Object.fromEntries(words.map((word) => [word, text('N2', 'need')])), ...attributes },
  })
  return all<YamlMap>(
    (need, place) => known(new Map([...need].filter(([key]) => !isText(key) || !words.includes(key))), place),
    (need, place) => {
      for (const word of words) present('N2', `need-${word}`)(need.get(word) ?? null, place.attribute(word))
    },
  )
}

function needsAllowing(rule: string, allowed: readonly NeedType[]): Check {
  return (value, place) => {
    if (isMap(value) && value.size === 0)
      return place.fail({ rule: 'N1', code: 'needs-empty', rest: 'can not be an empty hash', ours: 'is an empty mapping' })
    if (!isMap(value) && !isList(value))
      return place.fail({ rule: 'N1', code: 'needs', rest: 'can only be a hash or an array', ours: 'should be a list of jobs' })
    const needs = isList(value) ? value : [value]
    for (const [index, need] of needs.entries()) needItem(need, isList(value) ? place.item(index) : place)
    const types = [...new Set(needs.map(typeOf).filter((type) => type !== undefined))]
    const wrong = types.filter((type) => !allowed.includes(type))
    if (wrong.length > 0)
      place.fail({
        rule,
        code: 'needs-type',
        rest: `uses invalid types: ${wrong.join(', ')}`,
        ours: 'needs something that can only be needed elsewhere',
      })
    crossLimits(needs, place)
    if (needs.some((need) => isMap(need) && isInteger(need.get('parallel'))))
      place.fail({
        rule: 'N8',
        code: 'needs-parallel-number',
        rest: 'cannot use "parallel: <number>".',
        ours: 'has `parallel` with a number: only `matrix` is possible in a need',
      })
  }
}

function needItem(need: Yaml, place: Place): void {
  const at = place.called(`${place.locationOf()}:need`)
  const type = typeOf(need)
  if (type === undefined)
    at.called(at.locationOf(), '').fail({
      rule: 'N2',
      code: 'need-type',
      rest: 'has an unsupported type',
      ours: 'is no form of a need that GitLab knows',
    })
  else if (isMap(need)) forms[type](need, at)
  else if (isBlank(need)) at.fail({ rule: 'N2', code: 'need-job', rest: "can't be blank", ours: 'names no job' })
}

function crossLimits(needs: readonly Yaml[], place: Place): void {
  const most = place.limits.crossNeeds
  for (const type of ['cross_dependency', 'cross_project'] as const) {
    if (needs.filter((need) => typeOf(need) === type).length > most)
      place.fail({
        rule: 'N7',
        code: 'needs-cross-limit',
        rest: `must be less than or equal to ${most}`,
        ours: `has more than ${most} needs on other ${type === 'cross_project' ? 'projects' : 'pipelines'}`,
      })
  }
}

export const needs: Check = needsAllowing('N2', ['job', 'cross_dependency', 'cross_project'])
export const needsOfTrigger: Check = needsAllowing('N2', ['job', 'bridge'])
export const needsInRule: Check = needsAllowing('N12', ['job'])

/** A need on a job of this pipeline, by its name; `undefined` for the others. */
export function neededJob(need: Yaml): string | undefined {
  if (typeOf(need) !== 'job') return undefined
  const name = isMap(need) ? need.get('job') : need
  return isText(name) ? name : undefined
}

export const isBridgeNeed = (need: Yaml): boolean => typeOf(need) === 'bridge'
export const needItems = (value: Yaml | undefined): readonly Yaml[] => (isList(value) ? value : isMap(value) ? [value] : [])
