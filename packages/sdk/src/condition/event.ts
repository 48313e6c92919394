/** The event that starts a pipeline: a tag or a branch was pushed (or run, or scheduled), or a merge request changed. */
export type PipelineEvent = {
  /** Variables of the pipeline. They override even those that GitLab sets itself. */
  readonly variables?: Readonly<Record<string, string>> | undefined
  /** Whether the tag or branch is protected. @default false */
  readonly protected?: boolean | undefined
  /** The files that the push or the merge request changes; without them, `changes` is taken to fit. @default not known */
  readonly changes?: readonly string[] | undefined
  /** All files of the project; without them, `exists` is taken to fit. @default not known */
  readonly files?: readonly string[] | undefined
  /** Path of the project. @default group/project */
  readonly project?: string | undefined
} & (
  | { readonly tag: string }
  | { readonly branch: string; readonly source?: 'push' | 'schedule' | 'web' | 'trigger' | 'api' | undefined }
  /** The source branch. */
  | { readonly mergeRequest: string }
)

/**
 * The variables that GitLab sets for the event before it reads any rule.
 *
 * @example
 * variablesOf({ tag: 'v1.2.3', protected: true })['CI_COMMIT_TAG'] // 'v1.2.3'
 */
export function variablesOf(event: PipelineEvent): Record<string, string> {
  const ref = 'tag' in event ? event.tag : 'branch' in event ? event.branch : event.mergeRequest
  return {
    CI_COMMIT_REF_NAME: ref,
    CI_COMMIT_REF_SLUG: slug(ref),
    CI_COMMIT_REF_PROTECTED: String(event.protected ?? false),
    CI_DEFAULT_BRANCH: 'main',
    CI_PROJECT_PATH: event.project ?? 'group/project',
    ...refVariables(event),
    ...event.variables,
  }
}

// A merge request's pipeline has neither CI_COMMIT_BRANCH nor CI_COMMIT_TAG, and a tag's has no CI_COMMIT_BRANCH.
function refVariables(event: PipelineEvent): Record<string, string> {
  if ('tag' in event) return { CI_COMMIT_TAG: event.tag, CI_PIPELINE_SOURCE: 'push' }
  if ('branch' in event) return { CI_COMMIT_BRANCH: event.branch, CI_PIPELINE_SOURCE: event.source ?? 'push' }
  return {
    CI_MERGE_REQUEST_IID: '1',
    CI_MERGE_REQUEST_SOURCE_BRANCH_NAME: event.mergeRequest,
    CI_PIPELINE_SOURCE: 'merge_request_event',
  }
}

// GitLab's own: lower case, anything but letters and digits a dash, 63 characters, no dash at either end.
const slug = (ref: string): string =>
  ref
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '-')
    .slice(0, 63)
    .replaceAll(/^-+|-+$/g, '')
