import { GateError } from '@stagegate/schema'
import * as v from 'valibot'
import type { Call } from '../contract/capabilities.js'
import type { GitlabApi } from '../gitlab/gitlab-api.js'
import { GitlabRefusal } from '../gitlab/refusal.js'
import type { Resources } from '../gitlab/resource.js'
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
    file_sha256: v.nullish(v.string()),
    pipelines: v.nullish(v.array(Pipeline)),
  }),
  v.transform(({ id: number, file_name: name, file_sha256: sha256, created_at, pipelines }) => {
    const by: Uploader = { at: created_at, pipeline: pipelines?.[0] }
    return { id: number, name, sha256: sha256 ?? undefined, by }
  }),
)
export type File = v.InferOutput<typeof File>

/** gitbeaker passes it on; its types have it for some lists alone. */
const few = { showExpanded: false as const, perPage: 100 }

/**
 * The generic packages of a project, as a job may see them.
 * @see https://docs.gitlab.com/api/packages/
 */
export class ProjectPackages {
  readonly #api: GitlabApi
  readonly #project: number
  readonly path: string

  constructor(api: GitlabApi, project: number) {
    this.#api = api
    this.#project = project
    this.path = `/projects/${project}/packages`
  }

  /** The packages of a name and a version. GitLab lists hidden ones only when it is asked for them. */
  async find(name: string, version: string, call: Call, status?: 'hidden'): Promise<readonly Package[]> {
    // The cast: GitLab has generic packages, and gitbeaker's type of their types does not.
    const filter = { packageType: 'generic' as 'npm', packageName: name, packageVersion: version, ...(status && { status }) }
    const listed = await this.#ask(
      (packages, some) => packages.all({ projectId: this.#project, ...filter, ...some }),
      v.array(Package),
      call,
    )
    // GitLab asks for a version since 16.6, and looks for the name anywhere in names.
    return listed.filter((one) => one.name === name && one.version === version)
  }

  /** The files of a package, the oldest first. */
  async files({ id: number }: Package, call: Call): Promise<readonly File[]> {
    const files = await this.#ask((packages, some) => packages.allFiles(this.#project, number, some), v.array(File), call, [404])
    return files.toSorted((a, b) => a.id - b.id)
  }

  /** `gone`: statuses that say of what was there a moment ago that it is not any more. */
  async #ask<T>(
    question: (packages: Resources['Packages'], inFewPages: typeof few) => Promise<unknown>,
    schema: v.GenericSchema<unknown, readonly T[]>,
    call: Call,
    gone: readonly number[] = [],
  ): Promise<readonly T[]> {
    try {
      return await this.#api.ask('Packages', (packages) => question(packages, few), schema, call)
    } catch (error) {
      if (!(error instanceof GitlabRefusal)) throw error
      if (gone.includes(error.status)) return []
      throw this.refusal(error.status)
    }
  }

  refusal(status: number, path = this.path): GateError {
    return new GateError({
      code: 'gate/records',
      where: this.#api.where(path),
      what: `the project’s package registry refuses it (${status})`,
      next: 'It must be enabled in the project, and whoever started the job must be a developer there. Or record elsewhere: new App({ records: directory(…) }).',
    })
  }
}
