import type { Duration } from '../duration.js'
import { isFlag } from '../form/form.js'
import { duration, flag, oneOf, text, textLike } from '../form/keyword.js'
import { byKey, either, fields, files, list } from '../form/keyword-forms.js'
import { type RuleCondition, ruleCondition } from './condition-text.js'
import { type ChangesProps, changes, type ExistsProps, exists } from './files-matching.js'
import { type InputValues, inputValues } from './input-values.js'

/** @see https://docs.gitlab.com/ci/yaml/#includerules */
export interface IncludeRule {
  readonly if?: RuleCondition | undefined
  readonly changes?: ChangesProps | undefined
  readonly exists?: ExistsProps | undefined
  /** @default always */
  readonly when?: 'always' | 'never' | undefined
}

interface IncludeCommon {
  readonly inputs?: InputValues | undefined
  /** The first that holds decides; where none holds, nothing is included. @default always included */
  readonly rules?: readonly IncludeRule[] | undefined
}
interface LocalInclude extends IncludeCommon {
  /** A path or a glob, relative to the project's folder. */
  readonly local: string
}
interface ProjectInclude extends IncludeCommon {
  readonly project: string
  /** @default that project's default branch */
  readonly ref?: string | undefined
  readonly file: string | readonly string[]
}
interface RemoteInclude extends IncludeCommon {
  /** An address, without authentication. */
  readonly remote: string
  /** The digest that it must have: `sha256-` and the digest in base64. */
  readonly integrity?: string | undefined
  /** Whether, or how long, GitLab keeps it. @default false */
  readonly cache?: boolean | Duration | undefined
}
interface TemplateInclude extends IncludeCommon {
  /** One of GitLab's own: `Auto-DevOps.gitlab-ci.yml`. */
  readonly template: string
}
interface ComponentInclude extends IncludeCommon {
  /** `gitlab.example.com/my-org/security/scan@1.0`. */
  readonly component: string
}

/** Another file, whose jobs become part of the pipeline. @see https://docs.gitlab.com/ci/yaml/#include */
export type IncludeProps = LocalInclude | ProjectInclude | RemoteInclude | TemplateInclude | ComponentInclude

const common = {
  inputs: inputValues,
  rules: list(fields<IncludeRule>({ if: ruleCondition, changes, exists, when: oneOf('always', 'never') })),
}

export const includes = list(
  byKey<IncludeProps>({
    local: fields<LocalInclude>({ local: textLike(/\.ya?ml$/, 'a path that ends in .yml or .yaml'), ...common }),
    project: fields<ProjectInclude>({ project: text, ref: text, file: files, ...common }, 'file'),
    remote: fields<RemoteInclude>({
      remote: textLike(/^https?:\/\/.+/, 'an address that begins with https://'),
      integrity: textLike(/^sha256-[A-Za-z0-9+/]{43}=$/, 'sha256- and 44 characters of base64'),
      cache: either<boolean, Duration>(isFlag, flag, duration),
      ...common,
    }),
    template: fields<TemplateInclude>({ template: text, ...common }),
    component: fields<ComponentInclude>({ component: text, ...common }),
  }),
)
