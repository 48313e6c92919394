import { isText } from '../form/form.js'
import { flag, oneOf, text, textLike } from '../form/keyword.js'
import { either, fields, list } from '../form/keyword-forms.js'
import { projectPath } from './project-path.js'

/** A key that changes with files. Exactly one of `files` and `filesCommits`. */
export interface CacheKeyProps {
  /** By their content: one or two. */
  readonly files?: readonly string[] | undefined
  /** By their last commit: one or two. */
  readonly filesCommits?: readonly string[] | undefined
  /** A prefix of the key that the files give. */
  readonly prefix?: string | undefined
}

/** @see https://docs.gitlab.com/ci/yaml/#cache */
export interface CacheProps {
  /** @default default */
  readonly key?: string | CacheKeyProps | undefined
  /** Globs, relative to the project's folder. */
  readonly paths?: readonly string[] | undefined
  /** Whether files that Git does not know are kept too. @default false */
  readonly untracked?: boolean | undefined
  /** Whether protected and other refs share it. @default false */
  readonly unprotect?: boolean | undefined
  /** @default on_success */
  readonly when?: 'on_success' | 'on_failure' | 'always' | undefined
  /** A variable, such as `$POLICY`, can hold it. @default pull-push */
  readonly policy?: 'pull-push' | 'pull' | 'push' | `$${string}` | undefined
  /** Tried in their order if there is no cache for the key; at most 5. */
  readonly fallbackKeys?: readonly string[] | undefined
}

const key = textLike(/^(?!\.{1,2}$)(?!.*%2f)[^/]+$/is, 'a string without /, other than . and ..')
const cacheFields = fields<CacheProps>({
  key: either<string, CacheKeyProps>(
    isText,
    key,
    fields<CacheKeyProps>({ files: list(projectPath, 2), filesCommits: list(projectPath, 2), prefix: text }),
  ),
  paths: list(projectPath),
  untracked: flag,
  unprotect: flag,
  when: oneOf('on_success', 'on_failure', 'always'),
  policy: textLike(/^(?:pull-push|pull|push|\$\w{1,255})$/, 'one of pull-push, pull, push, or a variable'),
  fallbackKeys: list(text, 5),
})

/** One, or up to four. */
export const cache = either<readonly CacheProps[], CacheProps>(
  (value): value is readonly CacheProps[] => Array.isArray(value),
  list(cacheFields, 4),
  cacheFields,
)
