import { text } from '../form/keyword.js'
import { byKey, either, fields, list } from '../form/keyword-forms.js'
import { gitlabLimits } from '../gitlab/limits.js'

/** Files that a commit or merge request changes: globs, at most 50; or a Ruby regular expression, from GitLab 19.2 on. @see https://docs.gitlab.com/ci/yaml/#ruleschanges */
export type ChangesProps =
  | readonly string[]
  | { readonly paths: readonly string[]; readonly compareTo?: string | undefined }
  | { readonly regexp: string; readonly compareTo?: string | undefined }

/** Files of the project, or of another at `ref`: globs, at most 50; or a Ruby regular expression, from GitLab 19.2 on. @see https://docs.gitlab.com/ci/yaml/#rulesexists */
export type ExistsProps =
  | readonly string[]
  | { readonly paths: readonly string[]; readonly project?: string | undefined; readonly ref?: string | undefined }
  | { readonly regexp: string; readonly project?: string | undefined; readonly ref?: string | undefined }

type ChangesForm = Exclude<ChangesProps, readonly string[]>
type ExistsForm = Exclude<ExistsProps, readonly string[]>

const globs = list(text, gitlabLimits.globs)
function isList(value: unknown): value is readonly string[] {
  return Array.isArray(value)
}

export const changes = either<readonly string[], ChangesForm>(
  isList,
  globs,
  byKey({
    paths: fields<Extract<ChangesForm, { paths: unknown }>>({ paths: globs, compareTo: text }),
    regexp: fields<Extract<ChangesForm, { regexp: unknown }>>({ regexp: text, compareTo: text }),
  }),
)

export const exists = either<readonly string[], ExistsForm>(
  isList,
  globs,
  byKey({
    paths: fields<Extract<ExistsForm, { paths: unknown }>>({ paths: globs, project: text, ref: text }),
    regexp: fields<Extract<ExistsForm, { regexp: unknown }>>({ regexp: text, project: text, ref: text }),
  }),
)
