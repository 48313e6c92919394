import { parse } from '../../condition/index.js'
import { all, atMost, type Check, fields, flag, flat, isNested, type MapCheck, must, shape, text, texts } from '../checks.js'
import type { Place } from '../place.js'
import { isBlank, isList, isMap, isText, shown, type Yaml, type YamlMap } from '../value.js'
import { allowFailureInRule } from './allow-failure.js'
import { needsInRule } from './needs.js'
import { nestingLevels } from './script.js'
import { ruleVariables } from './variables.js'
import { limitedDuration, whenInRule } from './when.js'

const mostPaths = 50

/** What `$[[ … ]]` will be is not known before it is filled in. */
export const isExpression = (value: Yaml): boolean => isText(value) && (value.includes('$[[') || parse(value).ok)

export const expression: Check = must('U3', 'rule-if', isExpression, 'invalid expression syntax', 'is no expression that GitLab can read')

export const oneOfValues =
  (rule: string, code: string, values: readonly string[]): Check =>
  (value, place) => {
    if (!values.includes(shown(value)))
      place.fail({ rule, code, rest: `unknown value: ${shown(value)}`, ours: `should be one of ${values.join(', ')}` })
  }

const paths = all(texts('U6', 'changes-paths'), atMost('U6', 'changes-limit', mostPaths))
const changesMap: MapCheck = (map, place) => {
  fields('U6', 'changes', { attributes: { paths, compare_to: text('U6', 'changes-compare-to') } })(map, place)
  if (isBlank(map.get('paths')) && !map.has('paths')) missing('U6', 'changes-paths-missing', 'paths', place)
}
export const changes: Check = (value, place) =>
  shape(
    { list: (list) => paths(list, place), map: changesMap },
    must('U6', 'changes', () => false, 'should be an array or a hash', 'should be a list of paths, or a mapping with `paths`'),
  )(value, isList(value) || isMap(value) ? place : place.called(place.locationOf(), ''))

const existsMap: MapCheck = (map, place) => {
  fields('U7', 'exists', {
    attributes: {
      paths: all(texts('U7', 'exists-paths'), atMost('U7', 'exists-limit', mostPaths)),
      project: text('U7', 'exists-project'),
      ref: text('U7', 'exists-ref'),
    },
  })(map, place)
  if (!map.has('paths')) missing('U7', 'exists-paths-missing', 'paths', place)
  if (map.has('ref') && !map.has('project')) missing('U7', 'exists-ref-project', 'project', place)
}
export const existsOf = (most: number): Check =>
  shape(
    { text: () => undefined, list: all<readonly Yaml[]>(texts('U7', 'exists'), atMost('U7', 'exists-limit', most)), map: existsMap },
    must(
      'U7',
      'exists',
      () => false,
      'should be an array of strings or a string',
      'should be a path, a list of paths, or a mapping with `paths`',
    ),
  )

function missing(rule: string, code: string, key: string, place: Place): void {
  place.fail({ rule, code, rest: `missing required keys: ${key}`, ours: `has no \`${key}\`` })
}

const delayedOrNot: MapCheck = (map, place) => {
  const startIn = map.get('start_in') ?? null
  if (map.get('when') === 'delayed') {
    if (isBlank(startIn))
      place
        .attribute('start_in')
        .fail({ rule: 'U5', code: 'rule-start-in', rest: "can't be blank", ours: 'is missing: `when: delayed` needs it' })
    else limitedDuration('U5', 'rule-start-in', '1 week')(startIn, place.attribute('start_in'))
  } else if (startIn !== null)
    place.fail({
      rule: 'U5',
      code: 'rule-start-in',
      rest: 'contains disallowed keys: start_in',
      ours: 'has `start_in` without `when: delayed`',
    })
}

const rule: MapCheck = all(
  fields('U2', 'rule', {
    entries: { changes, exists: existsOf(mostPaths), variables: ruleVariables, needs: needsInRule },
    attributes: {
      if: expression,
      when: oneOfValues('U4', 'rule-when', whenInRule),
      start_in: () => undefined,
      allow_failure: allowFailureInRule,
      interruptible: flag('U2', 'rule-interruptible'),
    },
  }),
  delayedOrNot,
)

/** A list of rules, which can stand in one another; each is judged under the name `rules:rule`. */
export function ruleList(id: string, code: string, check: MapCheck): Check {
  return (value, place) => {
    if (isList(value) && value.length === 0)
      return place.fail({
        rule: id,
        code: `${code}-empty`,
        rest: "can't be blank",
        ours: 'has no rule: GitLab does not take an empty list',
      })
    if (!isNested(value, nestingLevels, isMap)) {
      const rest = 'should be an array containing hashes and arrays of hashes'
      return place.called(place.parentLocation(), 'rules').fail({ rule: id, code, rest, ours: 'should be a list of rules' })
    }
    walk(value, place, (item, at) => check(item, at))
  }
}

function walk(value: Yaml, place: Place, visit: (rule: YamlMap, place: Place) => void): void {
  if (isMap(value)) visit(value, place.called(`${place.locationOf()}:rule`))
  else if (isList(value)) for (const [index, item] of value.entries()) walk(item, place.item(index), visit)
}

export const rules: Check = ruleList('U1', 'rules', rule)

/** GitLab warns of a job whose last rule holds always, as its pipelines can come in pairs. */
export const lastRuleAlways: MapCheck = (job, place) => {
  const last = flat(job.get('rules') ?? []).at(-1)
  if (!isMap(last) || last.size !== 1 || !isText(last.get('when')) || last.get('when') === 'never') return
  const rest = 'may allow multiple pipelines to run for a single action due to `rules:when` clause with no `workflow:rules`'
  place.called(place.locationOf(), '').fail({
    rule: 'U1',
    code: 'rules-without-workflow',
    severity: 'warning',
    rest,
    ours: 'runs in branch and merge request pipelines alike, as there is no `workflow:rules`',
  })
}
