import type { JsonObject } from '@stagegate/schema'
import { describe, expect, test } from 'vitest'
import { print } from '../condition/index.js'
import { type Clause, clausesOf, holdsWith, workflowClauses } from './rules.js'

const plain: Omit<Clause, 'condition'> = {
  if: undefined,
  files: [],
  uncertain: false,
  when: 'on_success',
  allowFailure: false,
  onlyExitCodes: false,
  unsaid: undefined,
  needs: undefined,
  variables: {},
}
const need = (job: string) => ({ job, artifacts: true, optional: false })

/** The clauses with their conditions as texts. */
function read(job: JsonObject) {
  return clausesOf(job).map(({ condition, ...clause }) => ({
    ...clause,
    reads: condition && print(condition).text.replaceAll(/\$INPUT\w+/g, '$INPUT'),
  }))
}

describe('a clause is read', () => {
  test.each<[string, JsonObject, readonly (Partial<Clause> & { readonly reads?: string })[]]>([
    ['from a job without rules', {}, [{}]],
    ['from its own keywords', { when: 'always', needs: ['a'], allow_failure: false }, [{ when: 'always', needs: [need('a')] }]],
    ['none from rules that are empty', { rules: [] }, []],
    ['none from what is no rule', { rules: ['x', 3, null] }, []],
    ['from lists in lists', { rules: [[{ if: '$A' }], [[{ when: 'never' }]]] }, [{ if: '$A', reads: '$A' }, { when: 'never' }]],
    ['with an expression that cannot be read', { rules: [{ if: '$A ==' }] }, [{ if: '$A ==', uncertain: true }]],
    [
      'with files',
      { rules: [{ changes: ['x'] }, { exists: ['y'] }] },
      [
        { files: [{ keyword: 'changes', globs: ['x'], more: '' }], uncertain: true },
        { files: [{ keyword: 'exists', globs: ['y'], more: '' }], uncertain: true },
      ],
    ],
    ['with needs of its own', { needs: ['a'], rules: [{ needs: ['b'] }, {}] }, [{ needs: [need('b')] }, { needs: [need('a')] }]],
    ['with variables', { rules: [{ variables: { A: 'x' } }] }, [{ variables: { A: 'x' } }]],
    ['with exit codes', { allow_failure: { exit_codes: 1 } }, [{ allowFailure: true, onlyExitCodes: true }]],
    ['manual at the job', { when: 'manual' }, [{ when: 'manual', allowFailure: true, unsaid: 'job' }]],
    ['manual at the job, for a rule', { when: 'manual', rules: [{}] }, [{ when: 'manual', allowFailure: true, unsaid: 'job' }]],
    ['manual in a rule', { rules: [{ when: 'manual' }] }, [{ when: 'manual', unsaid: 'rule' }]],
    ['manual, and null says nothing', { when: 'manual', allow_failure: null }, [{ when: 'manual', allowFailure: true, unsaid: 'job' }]],
    ['manual and blocking', { when: 'manual', allow_failure: false }, [{ when: 'manual' }]],
    [
      'as a rule says over its job',
      { when: 'manual', allow_failure: true, rules: [{ when: 'always', allow_failure: false }] },
      [{ when: 'always' }],
    ],
    ['that may fail as its job', { allow_failure: true, rules: [{}] }, [{ allowFailure: true }]],
    ['with a start that is an input', { rules: [{ when: '$[[ inputs.x ]]' }] }, [{ when: 'always' }]],
    ['with a flag that is an input', { allow_failure: '$[[ inputs.x ]]' }, [{ allowFailure: true }]],
    [
      'of rules that are an input',
      { rules: '$[[ inputs.x ]]' },
      [{ if: '$[[ inputs.x ]]', uncertain: true, when: 'always', allowFailure: true }],
    ],
    ['with an input as an expression', { rules: [{ if: '$A == $[[ inputs.x ]]' }] }, [{ if: '$A == $[[ inputs.x ]]', uncertain: true }]],
    ['with an input in a text', { rules: [{ if: '$A == "$[[ inputs.x ]]"' }] }, [{ if: '$A == "$[[ inputs.x ]]"', reads: '$A == $INPUT' }]],
    [
      'with an input in single quotes',
      { rules: [{ if: "'x$[[ inputs.x ]]y' == $A" }] },
      [{ if: "'x$[[ inputs.x ]]y' == $A", reads: '$INPUT == $A' }],
    ],
    [
      'with an input after other characters',
      { rules: [{ if: '"xy$[[ inputs.x ]]" == $A' }] },
      [{ if: '"xy$[[ inputs.x ]]" == $A', reads: '$INPUT == $A' }],
    ],
    [
      'with an input after two characters',
      { rules: [{ if: "'xy$[[ inputs.x ]]' == $A" }] },
      [{ if: "'xy$[[ inputs.x ]]' == $A", reads: '$INPUT == $A' }],
    ],
    ['that may not fail where nothing is said', { allow_failure: null }, [{}]],
    ['with only', { only: ['tags'] }, [{ uncertain: true }]],
    ['with except', { except: ['tags'] }, [{ uncertain: true }]],
    ['with the variables of only', { only: { variables: ['$A', '$B'] } }, [{ if: '$A || $B', reads: '$A || $B', uncertain: true }]],
    ['with only variables that cannot all be read', { only: { variables: ['$A', '$B =='] } }, [{ uncertain: true }]],
    ['with only variables that are no text', { only: { variables: ['$A', null] } }, [{ uncertain: true }]],
    ['without the variables of except', { except: { variables: ['$A'] } }, [{ uncertain: true }]],
    ['without conditions of only', { only: { variables: [] } }, [{ uncertain: true }]],
  ])('%s', (_, job, clauses) => {
    expect(read(job)).toEqual(clauses.map((clause) => ({ ...plain, reads: undefined, ...clause })))
  })

  test('of a workflow, where it has rules', () => {
    expect(workflowClauses({ workflow: { rules: [{ if: '$A', when: 'never' }] } })).toMatchObject([{ if: '$A', when: 'never' }])
    expect(workflowClauses({ workflow: { rules: [], when: 'never' } })).toMatchObject([{ when: 'on_success' }])
  })
})

test('an input in two texts is one variable, and two inputs are two', () => {
  const isSame = (if_: string) => {
    const [clause] = clausesOf({ rules: [{ if: if_ }] })
    return clause?.condition?.kind === 'comparison' && JSON.stringify(clause.condition.left) === JSON.stringify(clause.condition.right)
  }
  expect(isSame('"$[[ inputs.x ]]" == "$[[ inputs.x ]]"')).toBe(true)
  expect(isSame('"$[[ inputs.x ]]" == "$[[ inputs.y ]]"')).toBe(false)
  expect(isSame('"$[[ inputs.a-b ]]" == "$[[ inputs.a_b ]]"')).toBe(false)
})

test('a clause holds with its variables, and not where it cannot be read', () => {
  const holds = (rule: JsonObject) => clausesOf({ rules: [rule] }).map((clause) => holdsWith(clause, { A: 'x' }))
  expect([{}, { if: '$A' }, { if: '$B' }, { if: '$A ==' }].flatMap(holds)).toEqual([true, true, false, false])
})
