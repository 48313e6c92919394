import { expect, test } from 'vitest'
import { Condition, compare, type Expression, text, variable } from '../condition/index.js'
import { plannedCondition } from './planned-condition.js'

const { tag, branch, schedule } = Condition

test.each<[string, Condition, unknown]>([
  ['a tag’s expression, without its named group', tag(/^v(?<version>\d+)$/), { fact: 'tag', operator: '=~', operand: '^v\\d+$' }],
  ['its flags, as RE2 has them', tag(/^v1/i), { fact: 'tag', operator: '=~', operand: '(?i)^v1' }],
  ['a branch by its name', branch('main'), { fact: 'branch', operator: '==', operand: 'main' }],
  ['what started the pipeline', schedule(), { fact: 'source', operator: '==', operand: 'schedule' }],
  ['the opposite', branch('main').not(), { fact: 'branch', operator: '!=', operand: 'main' }],
  [
    'any tag: one that is there, and not empty',
    tag(),
    {
      all: [
        { fact: 'tag', operator: '!=', operand: null },
        { fact: 'tag', operator: '!=', operand: '' },
      ],
    },
  ],
  [
    'and for a variable of somebody’s own, the rule',
    branch('main').and(Condition.variable('NIGHTLY').equals('yes')).or(schedule()),
    {
      any: [
        { all: [{ fact: 'branch', operator: '==', operand: 'main' }, { unknown: '$NIGHTLY == "yes"' }] },
        { fact: 'source', operator: '==', operand: 'schedule' },
      ],
    },
  ],
])('the plan has %s', (_what, { ast }, planned) => {
  expect(plannedCondition(ast)).toEqual(planned)
})

test.each<[string, Expression, string]>([
  ['another variable', compare(variable('CI_COMMIT_TAG'), '==', variable('WANTED')), '$CI_COMMIT_TAG == $WANTED'],
  ['one that holds an expression', compare(variable('CI_COMMIT_TAG'), '=~', variable('WANTED')), '$CI_COMMIT_TAG =~ $WANTED'],
  ['a text on the other side', compare(text('v1'), '==', variable('CI_COMMIT_TAG')), '"v1" == $CI_COMMIT_TAG'],
])('a tag compared with %s is not for the plan to judge', (_what, expression, unknown) => {
  expect(plannedCondition(expression)).toEqual({ unknown })
})
