import * as v from 'valibot'
import type { Call } from '../contract/capabilities.js'
import type { GitlabApi } from './gitlab-api.js'
import { refusalWith } from './refusal.js'
import type { Resources } from './resource.js'
import type { Uploader } from './uploader.js'

const id = v.pipe(v.number(), v.safeInteger(), v.minValue(1))

const Pipeline = v.pipe(
  v.object({ id, project_id: id, ref: v.string(), sha: v.string(), user: v.nullish(v.object({ username: v.string() })) }),
  v.transform(({ id: number, project_id: project, ref, sha: commit, user }) => {
    return { id: number, project, ref, commit, user: user?.username ?? 'nobody' }
  }),
)

/** A generic package: a version of a name. `by` is the first job that sent something. */
const Package = v.pipe(
  v.object({ id, name: v.string(), version: v.nullable(v.string()), created_at: v.string(), pipeline: v.nullish(Pipeline) }),
  v.transform(({ created_at, pipeline, ...rest }) => {
    const by: Uploader = { at: created_at, pipeline: pipeline ?? undefined }
    return { ...rest, by }
  }),
)
export type Package = v.InferOutput<typeof Package>

/** A file of a package. A job that sends it has a pipeline, and that is the only one that GitLab names. */
const File = v.pipe(
  v.object({
    id,
    file_name: v.string(),
    created_at: v.string(),
    file_sha256: v.nullish(v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'a sha256'))),
    size: v.nullish(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
    pipelines: v.nullish(v.array(Pipeline)),
  }),
  v.transform(({ id: number, file_name: name, file_sha256: sha256, size, created_at, pipelines }) => {
    const by: Uploader = { at: created_at, pipeline: pipelines?.[0] }
    return { id: number, name, sha256: sha256 ?? undefined, size: size ?? undefined, by }
  }),
)
export type File = v.InferOutput<typeof File>

/** gitbeaker passes it on; its types have it for some lists alone. */
const inFewPages = { showExpanded: false as const, perPage: 100 }

/**
 * The generic packages of a project, as the token may see them.
 * @see https://docs.gitlab.com/api/packages/
 */
export class ProjectPackages {
  readonly #api: GitlabApi
  readonly #project: number | string
  /** Below `/api/v4`. */
  readonly path: string

  /** `project`: its number or its path. */
  constructor(api: GitlabApi, project: number | string) {
    this.#api = api
    this.#project = project
    this.path = `/projects/${encodeURIComponent(project)}/packages`
  }

  /**
   * The packages of a name and a version. GitLab lists hidden ones, and those that it is about to delete, only when it is asked for them.
   * @throws {GitlabRefusal} the token may not list them
   */
  async find(name: string, version: string, call: Call, status?: 'hidden' | 'pending_destruction'): Promise<readonly Package[]> {
    // The cast: GitLab has generic packages, and gitbeaker's type of their types does not.
    const filter = { packageType: 'generic' as 'npm', packageName: name, packageVersion: version, ...(status && { status }) }
    const question = (packages: Resources['Packages']) => packages.all({ projectId: this.#project, ...filter, ...inFewPages })
    const listed = await this.#api.ask('Packages', question, v.array(Package), call)
    // GitLab asks for a version since 16.6, and looks for the name anywhere in names.
    return listed.filter((one) => one.name === name && one.version === version)
  }

  /** The files of a package, the oldest first; none where the package is gone by now. @throws as `find` */
  async files({ id: number }: Package, call: Call): Promise<readonly File[]> {
    const question = (packages: Resources['Packages']) => packages.allFiles(this.#project, number, inFewPages)
    try {
      const files = await this.#api.ask('Packages', question, v.array(File), call)
      return files.toSorted((a, b) => a.id - b.id)
    } catch (error) {
      refusalWith([404], error)
      return []
    }
  }
}
