import { gitlabLimits } from '../../gitlab/limits.js'
import {
  all,
  anything,
  atMost,
  byType,
  type Check,
  ensure,
  fields,
  flag,
  flat,
  isNested,
  type MapCheck,
  noLonger,
  notTogether,
  text,
  texts,
} from '../checks.js'
import type { Place } from '../place.js'
import type { RuleId } from '../rule.js'
import { isBlank, isList, isMap, isScalar, isText, isUnknown, rubyText, type Yaml, type YamlMap } from '../value.js'
import { allowFailureInRule } from './allow-failure.js'
import { expression } from './expression.js'
import { needsInRule } from './needs.js'
import { nestingLevels } from './script.js'
import { plainVariables } from './variables.js'
import { limitedDuration, whenInRule } from './when.js'

/** One of the words, as the text of any scalar. */
export const wordOf = (rule: RuleId, code: string, ...words: readonly string[]): Check =>
  ensure(rule, code, (value) => isScalar(value) && words.includes(rubyText(value)), `should be one of ${words.join(', ')}`)

const regexp = (rule: 'U6' | 'U7'): Check => all(text(rule, 'rule-regexp'), noLonger(rule, 'rule-regexp', gitlabLimits.line))

const changesMap: MapCheck = all(
  fields('U6', 'changes', {
    paths: all(texts('U6', 'changes-paths'), atMost('U6', 'changes-limit', gitlabLimits.globs)),
    compare_to: text('U6', 'changes-compare-to'),
    regexp: regexp('U6'),
  }),
  notTogether('U6', 'changes-paths-regexp', 'paths', 'regexp'),
  (map, place) => {
    if ((map.get('paths') ?? null) === null && (map.get('regexp') ?? null) === null)
      place.fail('U6', 'changes-paths-missing', 'has no `paths`')
  },
)
export const changes: Check = byType('U6', 'changes', 'a list of paths, or a mapping with `paths`', {
  list: all<readonly Yaml[]>(texts('U6', 'changes-paths'), atMost('U6', 'changes-limit', gitlabLimits.globs)),
  map: changesMap,
})

const existsMap: MapCheck = all(
  fields('U7', 'exists', {
    paths: all(texts('U7', 'exists-paths'), atMost('U7', 'exists-limit', gitlabLimits.globs)),
    project: text('U7', 'exists-project'),
    ref: text('U7', 'exists-ref'),
    regexp: regexp('U7'),
  }),
  notTogether('U7', 'exists-paths-regexp', 'paths', 'regexp'),
  (map, place) => {
    if (map.size > 0 && !map.has('paths') && !map.has('regexp')) place.fail('U7', 'exists-paths-missing', 'has no `paths`')
    if (map.has('ref') && !map.has('project')) place.fail('U7', 'exists-ref-project', 'has no `project`')
  },
)
export const exists: Check = byType('U7', 'exists', 'a path, a list of paths, or a mapping with `paths`', {
  text: anything,
  list: all<readonly Yaml[]>(texts('U7', 'exists'), atMost('U7', 'exists-limit', gitlabLimits.globs)),
  map: existsMap,
})

const delayedOrNot: MapCheck = (map, place) => {
  const startIn = map.get('start_in') ?? null
  if (isUnknown(map.get('when'))) return
  if (map.get('when') === 'delayed') {
    if (isBlank(startIn)) place.at('start_in').fail('U5', 'rule-start-in', 'is missing: `when: delayed` needs it')
    else limitedDuration('U5', 'rule-start-in', '1 week')(startIn, place.at('start_in'))
  } else if (map.has('start_in')) place.fail('U5', 'rule-start-in', 'has `start_in` without `when: delayed`')
}

const rule: MapCheck = all(
  fields('U2', 'rule', {
    changes,
    exists,
    variables: plainVariables,
    needs: needsInRule,
    if: expression,
    when: wordOf('U4', 'rule-when', ...whenInRule),
    start_in: anything,
    allow_failure: allowFailureInRule,
    interruptible: flag('U2', 'rule-interruptible'),
  }),
  delayedOrNot,
)

/** A list of rules, possibly nested. */
export function ruleList(id: RuleId, code: string, check: MapCheck): Check {
  return (value, place) => {
    if (isList(value) && value.length === 0) place.fail(id, `${code}-empty`, 'has no rule: GitLab refuses an empty list')
    else if (!isUnknown(value) && !isNested(value, nestingLevels, (item) => isMap(item) || isUnknown(item)))
      place.fail(id, code, 'should be a list of rules')
    else walk(value, place, all(notEmpty(id, code), check))
  }
}

const notEmpty =
  (id: RuleId, code: string): MapCheck =>
  (map, place) => {
    if (map.size === 0) place.fail(id, `${code}-rule-empty`, 'is empty: a rule needs a keyword')
  }

function walk(value: Yaml, place: Place, visit: (rule: YamlMap, place: Place) => void): void {
  if (isMap(value)) visit(value, place)
  else if (isList(value)) for (const [index, item] of value.entries()) walk(item, place.at(index), visit)
}

export const rules: Check = ruleList('U1', 'rules', rule)

/** GitLab warns of a job whose last rule always applies: a push to a merge request then starts two pipelines. */
export const lastRuleAlways: MapCheck = (job, place) => {
  const last = flat(job.get('rules') ?? []).at(-1)
  if (!isMap(last) || last.size !== 1 || !isText(last.get('when')) || last.get('when') === 'never') return
  const problem = 'runs in branch pipelines and in merge request pipelines, since there is no `workflow:rules`'
  place.fail('U1', 'rules-without-workflow', problem, { severity: 'warning' })
}
