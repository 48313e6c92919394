import type { JsonObject } from '@stagegate/schema'
import { isRecord, type Keyword, oneOf, type ReportProblem, shown } from '../form/keyword.js'
import { either, fields } from '../form/keyword-forms.js'
import { isObject, type PipelineDocument, text } from '../gitlab/document.js'
import { type DefaultProps, defaults } from './default.js'
import { type IncludeProps, includes } from './include.js'
import { type InputProps, pipelineInputs } from './inputs.js'
import { type PipelineVariables, pipelineVariables } from './variables.js'
import { type WorkflowProps, workflow } from './workflow.js'

/** GitLab's keywords of the whole pipeline, as the app takes them. */
export interface PipelineKeywords {
  /** Makes the pipeline one that others include or start with inputs, used as `$[[ inputs.name ]]`. @see https://docs.gitlab.com/ci/yaml/#specinputs */
  readonly inputs?: Readonly<Record<string, InputProps>> | undefined
  /** Files whose jobs become part of the pipeline; `{ name }` needs one of them. @see https://docs.gitlab.com/ci/yaml/#include */
  readonly include?: readonly IncludeProps[] | undefined
  /**
   * `theirs`: the pipeline already has a workflow, in the file that includes this one. Each job then tests its kind's whole condition,
   * so none of your pipelines disappears or changes.
   * @default one is generated, by which a pipeline is of one kind, or does not exist
   */
  readonly workflow?: WorkflowProps | 'theirs' | undefined
  /** Variables of all jobs that inherit them; generated jobs with credentials do not. @see https://docs.gitlab.com/ci/yaml/#variables */
  readonly variables?: PipelineVariables | undefined
  /** GitLab's `default`: keywords for jobs that do not set their own. Jobs with credentials inherit none of it. @see https://docs.gitlab.com/ci/yaml/#default */
  readonly default?: DefaultProps | undefined
}

const ours = /^STAGEGATE_/
const free: Keyword<PipelineVariables> = {
  ...pipelineVariables,
  render(value, at, report) {
    for (const [name, one] of Object.entries(isRecord(value) ? value : {})) {
      if (ours.test(name))
        report({
          is: 'value',
          keyword: `${at}.${name}`,
          expected: 'nothing, since such names are reserved for Stagegate',
          found: shown(one),
        })
      const { value: chosen, options } = isRecord(one) ? one : {}
      if (Array.isArray(options) && !options.includes(chosen))
        report({ is: 'value', keyword: `${at}.${name}.value`, expected: 'one of the options', found: shown(chosen) })
    }
    return pipelineVariables.render(value, at, report)
  },
}

export const pipelineKeywords = fields<PipelineKeywords>({
  inputs: pipelineInputs,
  include: includes,
  workflow: either<'theirs', WorkflowProps>((value): value is 'theirs' => typeof value === 'string', oneOf('theirs'), workflow),
  variables: free,
  default: defaults,
})

/** The document's parts that the app's keywords make. */
export interface PipelineParts extends Pick<PipelineDocument, 'spec' | 'include' | 'default' | 'variables' | 'prefill'> {
  readonly workflow: JsonObject
}

/** @param report is told each problem; what has one is left out */
export function renderPipelineKeywords(
  { inputs, include, workflow, variables, default: base }: PipelineKeywords,
  report: ReportProblem = () => {},
): PipelineParts {
  const written = pipelineKeywords.render({ inputs, include, workflow, variables, default: base }, '', report)
  const { inputs: spec, ...parts } = isObject(written) ? written : {}
  const values: Record<string, string> = {}
  const prefill: Record<string, JsonObject> = {}
  for (const [name, one] of Object.entries(isObject(parts['variables']) ? parts['variables'] : {})) {
    const { value, ...shownToo } = isObject(one) ? one : { value: one }
    define(values, name, text(value) ?? '')
    if (isObject(one)) define(prefill, name, shownToo)
  }
  return {
    ...(spec !== undefined && { spec: { inputs: spec } }),
    ...(Array.isArray(parts['include']) && { include: parts['include'] }),
    workflow: isObject(parts['workflow']) ? parts['workflow'] : {},
    variables: values,
    ...(Object.keys(prefill).length > 0 && { prefill }),
    ...(isObject(parts['default']) && { default: parts['default'] }),
  }
}

/** Also where the name is one that an assignment would take for something else, such as `__proto__`. */
function define<T>(target: Record<string, T>, name: string, value: T): void {
  Object.defineProperty(target, name, { value, enumerable: true, writable: true, configurable: true })
}
