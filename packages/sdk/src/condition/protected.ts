import { all, compare, type Expression, text, variable } from './expression.js'
import { present } from './truth.js'

/** The condition, for pipelines of protected tags and branches alone. */
export function ofProtectedRefs(condition: Expression): Expression {
  return all([present(condition), compare(variable('CI_COMMIT_REF_PROTECTED'), '==', text('true'))])
}
