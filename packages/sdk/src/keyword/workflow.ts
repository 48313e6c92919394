import { oneOf, textLike } from '../form/keyword.js'
import { fields, list } from '../form/keyword-forms.js'
import { type RuleCondition, ruleCondition } from './condition-text.js'
import { type ChangesProps, changes, type ExistsProps, exists } from './files-matching.js'

/** @see https://docs.gitlab.com/ci/yaml/#workflowauto_cancel */
export interface AutoCancelProps {
  /** The jobs that a newer commit cancels. @default conservative */
  readonly onNewCommit?: 'conservative' | 'interruptible' | 'none' | undefined
  /** Whether one failed job cancels the others. @default none */
  readonly onJobFailure?: 'all' | 'none' | undefined
}

/** Rules that prevent pipelines, whatever their kind. The kinds define which pipelines exist. */
export interface WorkflowRule {
  readonly if?: RuleCondition | undefined
  readonly changes?: ChangesProps | undefined
  readonly exists?: ExistsProps | undefined
  readonly when: 'never'
}

/** @see https://docs.gitlab.com/ci/yaml/#workflow */
export interface WorkflowProps {
  /** The pipeline's name; variables are replaced. @default the commit's title */
  readonly name?: string | undefined
  /** For pipelines that publish nothing; nothing cancels a publishing pipeline. */
  readonly autoCancel?: AutoCancelProps | undefined
  /** Evaluated before the kinds. */
  readonly rules?: readonly WorkflowRule[] | undefined
}

export const workflow = fields<WorkflowProps>({
  name: textLike(/^.{1,255}$/, 'a string of 1 to 255 characters'),
  autoCancel: fields<AutoCancelProps>({
    onNewCommit: oneOf('conservative', 'interruptible', 'none'),
    onJobFailure: oneOf('none', 'all'),
  }),
  rules: list(fields<WorkflowRule>({ if: ruleCondition, changes, exists, when: oneOf('never') }, 'when')),
})
