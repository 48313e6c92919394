import { GateError, StagegateError } from '@stagegate/schema'
import * as v from 'valibot'
import type { Call } from '../contract/capabilities.js'
import type { JobApi } from '../gitlab/job-api.js'
import type { HttpAnswer } from '../http/client.js'
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

/** The most pages of a list that are read. */
const mostPages = 50

/**
 * The generic packages of a project, as a job may see them.
 * @see https://docs.gitlab.com/api/packages/
 */
export class ProjectPackages {
  readonly #api: JobApi
  readonly path: string

  constructor(api: JobApi, project: number) {
    this.#api = api
    this.path = `/projects/${project}/packages`
  }

  /** The packages of a name and a version. GitLab lists hidden ones only when it is asked for them. */
  async find(name: string, version: string, call: Call, status?: 'hidden'): Promise<readonly Package[]> {
    const query = new URLSearchParams({ package_type: 'generic', package_name: name, package_version: version })
    if (status !== undefined) query.set('status', status)
    const listed = await this.#list(`${this.path}?${query}`, v.array(Package), call)
    // GitLab asks for a version since 16.6, and looks for the name anywhere in names.
    return listed.filter((one) => one.name === name && one.version === version)
  }

  /** The files of a package, the oldest first. */
  async files({ id: number }: Package, call: Call): Promise<readonly File[]> {
    const files = await this.#list(`${this.path}/${number}/package_files?`, v.array(File), call)
    return files.toSorted((a, b) => a.id - b.id)
  }

  refused({ status }: Pick<HttpAnswer, 'status'>, path: string): GateError {
    return new GateError({
      code: 'gate/records',
      where: this.#api.where(path),
      what: `the project’s package registry refuses it (${status})`,
      next: 'It must be enabled in the project, and whoever started the job must be a developer there. Or record elsewhere: new App({ records: directory(…) }).',
    })
  }

  /** All of a list that comes in pages. */
  async #list<const S extends v.GenericSchema<unknown, readonly unknown[]>>(path: string, schema: S, call: Call) {
    const found: v.InferOutput<S>[number][] = []
    for (let page = 1; page <= mostPages; page++) {
      const answer = await this.#api.send({ method: 'GET', path: `${path}&per_page=100&page=${page}` }, call)
      // It was there a moment ago.
      if (answer.status === 404 && path.includes('/package_files')) return found
      if (answer.status !== 200) throw this.refused(answer, path)
      const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), answer.text, { abortEarly: true })
      if (!parsed.success)
        throw new StagegateError({ code: 'gitlab/unexpected-answer', what: 'not a list of packages', where: this.#api.where(path) })
      found.push(...parsed.output)
      if (parsed.output.length === 0 || answer.headers['x-next-page'] === '') return found
    }
    throw new GateError({
      code: 'gate/record',
      where: this.#api.where(path),
      what: 'the list of records never ended',
      next: 'Look at the package in the project’s package registry. Nothing was published.',
    })
  }
}
