import { all, type Check, eachItem, fields, flag, itemsOf, type MapCheck, text, unknownKeys } from '../checks.js'
import type { Place } from '../place.js'
import type { RuleId } from '../rule.js'
import { isBlank, isInteger, isList, isMap, isText, isUnknown, type Yaml } from '../value.js'
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

const present: (word: string) => MapCheck = (word) => (need, place) => {
  const [value, at] = [need.get(word) ?? null, place.at(word)]
  if (isUnknown(value)) return
  if (!isText(value)) at.fail('N2', `need-${word}`, 'should be a string')
  if (isBlank(value)) at.fail('N2', `need-${word}`, 'is missing')
}

const artifacts = flag('N2', 'need-artifacts')
const parallelNeed: Check = (value, place) => {
  if (isMap(value) && value.has('matrix')) {
    unknownKeys('N2', 'need-parallel', ['matrix'])(value, place)
    const own = value.get('matrix') ?? null
    if (own !== null) matrix(own, place.at('matrix'))
    return
  }
  if (!isInteger(value)) place.fail('N2', 'need-parallel', 'should be a mapping with `matrix`')
}

/** The keys of each form of a need. Required ones must be texts. */
const forms: Readonly<Record<NeedType, MapCheck>> = {
  job: form(['job'], { artifacts, optional: flag('N2', 'need-optional'), parallel: parallelNeed }),
  cross_dependency: form(['pipeline', 'job'], { artifacts }),
  cross_project: form(['project', 'ref', 'job'], { artifacts }),
  bridge: form(['pipeline'], {}),
}

function form(words: readonly string[], members: Readonly<Record<string, Check>>): MapCheck {
  const known = fields('N2', 'need', { ...Object.fromEntries(words.map((word) => [word, text('N2', 'need')])), ...members })
  return all(
    (need, place) => known(new Map([...need].filter(([key]) => !isText(key) || !words.includes(key))), place),
    ...words.map(present),
  )
}

function needsAllowing(rule: RuleId, allowed: readonly NeedType[]): Check {
  return (value, place) => {
    if (isUnknown(value)) return
    if (isMap(value) && value.size === 0) return place.fail('N1', 'needs-empty', 'is an empty mapping')
    if (!isMap(value) && !isList(value)) return place.fail('N1', 'needs', 'should be a list of jobs')
    const needs = needItems(value)
    if (isList(value)) eachItem(needItem)(value, place)
    else needItem(value, place)
    if (needs.map(typeOf).some((type) => type !== undefined && !allowed.includes(type)))
      place.fail(rule, 'needs-type', 'has a kind of need that is not possible here')
    crossLimits(needs, place)
    if (needs.some((need) => isMap(need) && isInteger(need.get('parallel'))))
      place.fail('N8', 'needs-parallel-number', 'has `parallel` with a number: a need can only have a `matrix`')
  }
}

const needItem: Check = (need, place) => {
  const type = typeOf(need)
  if (type === undefined) place.fail('N2', 'need-type', 'is not a form of need that GitLab knows')
  else if (isMap(need)) forms[type](need, place)
  else if (isBlank(need)) place.fail('N2', 'need-job', 'names no job')
}

function crossLimits(needs: readonly Yaml[], place: Place): void {
  const most = place.limits.crossNeeds
  for (const type of ['cross_dependency', 'cross_project'] as const) {
    const others = type === 'cross_project' ? 'projects' : 'pipelines'
    if (needs.filter((need) => typeOf(need) === type).length > most)
      place.fail('N7', 'needs-cross-limit', `has more than ${most} needs on other ${others}`)
  }
}

export const needs: Check = needsAllowing('N2', ['job', 'cross_dependency', 'cross_project'])
export const needsOfTrigger: Check = needsAllowing('N2', ['job', 'bridge'])
export const needsInRule: Check = needsAllowing('N12', ['job'])

/** The name of the needed job of this pipeline; `undefined` for other needs. */
export function neededJob(need: Yaml): string | undefined {
  if (typeOf(need) !== 'job') return undefined
  const name = isMap(need) ? need.get('job') : need
  return isText(name) ? name : undefined
}

export const isBridgeNeed = (need: Yaml): boolean => typeOf(need) === 'bridge'
/** All needs. GitLab also accepts them in nested lists. */
export const needItems = (value: Yaml | undefined): readonly Yaml[] => (isList(value) ? itemsOf(value) : isMap(value) ? [value] : [])
