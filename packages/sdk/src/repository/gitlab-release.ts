import { isNotesPath } from '@stagegate/schema'
import { isRecord, text } from '../form/keyword.js'
import { fields } from '../form/keyword-forms.js'
import { credential, expectOptions, neverUndefined } from '../form/props.js'
import type { RepositoryAddress } from './address.js'
import { type GitLabPackagesOptions, gitlabPackages } from './gitlab-packages.js'

export interface GitLabReleaseOptions extends GitLabPackagesOptions {
  /**
   * The file with the notes of a release, from the project's folder. Of a changelog with a heading for each version it is the section of the
   * version that is released. @default the tag's message
   */
  readonly notes?: string | undefined
  /**
   * In a project that does not have the tag: the branch on whose newest commit it is made. @default the tag is there, at the commit that is
   * released
   */
  readonly ref?: string | undefined
}

const form = fields<GitLabReleaseOptions>({
  gitlab: text,
  token: neverUndefined(credential),
  ca: text,
  notes: text,
  ref: text,
})

/** The options of `gitlabRelease` for the app's own project, where its jobs have a token. */
export type OwnReleaseOptions = Pick<GitLabReleaseOptions, 'notes'>

/**
 * The page of releases of a GitLab project, with its generic packages: a public place for .deb and .rpm packages and plain files. Publish jobs
 * copy the files there. When everything that the release requires is public and was read back, the job `announce` makes the entry of the tag,
 * in one call, with the files, the images of the release, SHA256SUMS and the sealed manifest. An entry that is there is completed, never changed.
 *
 * @param project `group/project`. @default the app's own, which `new App({ project: { path } })` names: each of its jobs can write there, so
 *   the public repository must say why that is right (`trustsJobs`)
 * @throws {TypeError} as `gitlabPackages`; a path of notes that is none, or `ref` without another project
 * @example
 * const page = new PublicRepo(app, 'page', { at: gitlabRelease({ notes: 'CHANGELOG.md' }), trustsJobs: 'maintainers review what jobs run' })
 * const token = Secret.variable('DOWNLOADS_TOKEN')
 * const downloads = new PublicRepo(app, 'downloads', { at: gitlabRelease('acme/downloads', { token, notes: 'CHANGELOG.md', ref: 'main' }) })
 */
export function gitlabRelease(options?: OwnReleaseOptions): RepositoryAddress
export function gitlabRelease(project: string, options?: GitLabReleaseOptions): RepositoryAddress
export function gitlabRelease(first?: string | OwnReleaseOptions, second?: GitLabReleaseOptions): RepositoryAddress {
  const [project, options]: [string | undefined, GitLabReleaseOptions] = isRecord(first) ? [undefined, first] : [first, second ?? {}]
  expectOptions(options, form, 'gitlabRelease')
  const { notes, ref, ...packages } = options
  if (notes !== undefined && !isNotesPath(notes))
    throw new TypeError(`Expected the path of a file with notes, such as CHANGELOG.md, got ${JSON.stringify(notes)}`)
  if (ref !== undefined && (project === undefined || ref === ''))
    throw new TypeError('Expected a branch of another project in ref; the app’s own project has the tag')
  const page = { ...(notes !== undefined && { notes }), ...(ref !== undefined && { ref }) }
  return { ...gitlabPackages(project, packages), page }
}
