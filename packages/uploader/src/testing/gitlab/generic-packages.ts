import { createHash } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import type { Answer, Asked } from '../server/respond.js'
import { resetConnection } from '../server/tls.js'
import { type Job, type Jobs, shownPipeline, unauthorized } from './jobs.js'
import { paged } from './paged.js'
import type { GitlabPart } from './start.js'

/** Settings of the project's generic packages. */
export interface GenericPackagesOptions {
  /** Who may come in: a running job, into its own project. */
  readonly jobs: Jobs
  /** What happens to a second file of one name in one package. @default added, as GitLab does unless told otherwise */
  readonly duplicates?: 'added' | 'refused' | undefined
  /** Of those that create one package at the same time, all but the first are answered with 500. @default false */
  readonly raceWith500?: boolean | undefined
  /** The most that a page of a list holds. @default 100 */
  readonly maxPerPage?: number | undefined
  /** How often the packages are asked for before a new one is among them. @default 0 */
  readonly lag?: number | undefined
}

/** A file of a generic package. */
export interface GenericFile {
  /** Its number; of two with one name, the larger is the newer. */
  readonly id: number
  /** The file's name. */
  readonly name: string
  /** All of it. */
  readonly text: string
  /** The job that sent it: GitLab shows its pipeline. Nothing of what came with another token. */
  readonly by?: GenericUploader | undefined
}

/** The job that sent a file. */
export type GenericUploader = Pick<Job, 'pipeline' | 'ref' | 'commit' | 'source' | 'project' | 'user'>

/** What an upload may ask for; hidden packages are listed only to those who ask for them. */
type Status = 'default' | 'hidden'

interface Package {
  readonly id: number
  readonly project: number
  readonly name: string
  readonly version: string
  readonly files: GenericFile[]
  /** The first job that sent something. */
  readonly by: GenericUploader | undefined
  status: Status
  unseen: number
}

/** GitLab's own expressions: lib/gitlab/regex/packages.rb. */
const grammar = {
  name: /^[A-Za-z0-9._\-+]+$/,
  version: /^(?!.*\.\.)[\w+.-]+$/,
  file: /^(?!~)[A-Za-z0-9._\-+~]+(?<!~)$/,
}

/** The generic packages of projects. A package and its first file are created as one; numbers only grow. */
export class GenericPackages implements GitlabPart {
  readonly #options: GenericPackagesOptions
  #packages: Package[] = []
  #nextPackage = 1
  #nextFile = 1

  constructor(options: GenericPackagesOptions) {
    this.#options = options
  }

  /** `NAME/VERSION` of every package, with its files, the oldest first. */
  get all(): Readonly<Record<string, readonly GenericFile[]>> {
    return Object.fromEntries(this.#packages.map(({ name, version, files }) => [`${name}/${version}`, files]))
  }

  /** Somebody else adds a file, to `[NAME, VERSION]`. */
  add(project: number, [name, version]: readonly [string, string], file: Omit<GenericFile, 'id'>): GenericFile {
    const added = { ...file, id: this.#nextFile++ }
    const into = this.#find(project, name, version)
    if (into === undefined) {
      const created = { id: this.#nextPackage++, project, name, version, files: [added], by: file.by }
      this.#packages.push({ ...created, status: 'default', unseen: this.#options.lag ?? 0 })
    } else into.files.push(added)
    return added
  }

  /** A maintainer deletes a file; the package, where none is named. */
  delete(name: string, version: string, file?: number): void {
    const isIt = (one: Package) => one.name === name && one.version === version
    const found = this.#packages.find(isIt)
    const index = found?.files.findIndex(({ id }) => id === file) ?? -1
    if (file === undefined) this.#packages = this.#packages.filter((one) => !isIt(one))
    else if (index >= 0) found?.files.splice(index, 1)
  }

  /** Answers requests for generic packages; `undefined` for others. */
  async answer(asked: Asked): Promise<Answer | undefined> {
    const { request, url } = asked
    const [, project, rest = ''] = /^\/api\/v4\/projects\/(\d+)\/packages(\/.*)?$/.exec(url.pathname) ?? []
    if (project === undefined) return undefined
    const job = this.#options.jobs.askedBy(request)
    if (job === undefined) return unauthorized()
    if (job.project.id !== Number(project)) return notFound('Project')
    const [, name, version, file] = /^\/generic\/([^/]+)\/(.+)\/([^/]+)$/.exec(decodeURIComponent(rest)) ?? []
    if (name !== undefined && version !== undefined && file !== undefined) return this.#file(asked, job, { name, version, file })
    if (request.method !== 'GET') return undefined
    if (rest === '') return this.#listed(job.project.id, url)
    const id = /^\/(\d+)\/package_files$/.exec(rest)?.[1]
    // By its number a hidden package is not found, as if there were none.
    const isShown = (one: Package) => one.project === job.project.id && one.id === Number(id) && one.status !== 'hidden'
    const found = this.#packages.find(isShown)
    return found === undefined ? notFound('Package') : this.#paged(found.files.map(shownFile(found.id)), url)
  }

  async #file(asked: Asked, job: Job, at: Place): Promise<Answer | undefined> {
    const wrong = Object.entries(grammar).find(([part, expression]) => !expression.test({ ...at }[part] ?? ''))
    if (wrong !== undefined)
      return { status: 400, json: { error: `${wrong[0] === 'file' ? 'file_name' : `package_${wrong[0]}`} is invalid` } }
    if (asked.request.method === 'PUT') return this.#put(asked, job, at)
    if (asked.request.method !== 'GET') return undefined
    // The newest of that name, as GitLab gives.
    const found = this.#find(job.project.id, at.name, at.version)?.files.findLast((one) => one.name === at.file)
    if (found === undefined) return notFound('Package File')
    const text = asked.fault.serveOtherBytes ? `${found.text.slice(0, -1)}?` : found.text
    return { status: 200, headers: { 'content-type': 'application/octet-stream', 'x-checksum-sha256': digest(found.text) }, json: text }
  }

  async #put({ request, url, fault, goAhead }: Asked, job: Job, { name, version, file }: Place) {
    const project = job.project.id
    const status = url.searchParams.get('status')
    if (status !== null && !isStatus(status)) return { status: 400, json: { error: 'status does not have a valid value' } }
    const before = this.#find(project, name, version)
    goAhead()
    const text = (await buffer(request)).toString()
    if (fault.reset === 'after-body') return void resetConnection(request.socket)
    const now = this.#find(project, name, version)
    if (this.#options.raceWith500 && before === undefined && now !== undefined)
      return { status: 500, json: { message: '500 Internal Server Error' } }
    if (this.#options.duplicates === 'refused' && now?.files.some((one) => one.name === file))
      return { status: 400, json: { message: '400 Bad request - Duplicate package is not allowed' } }
    if (fault.acceptAndForget) return { status: 201, json: { message: '201 Created' } }
    const { pipeline, ref, commit, source, user } = job
    const by = { pipeline, ref, commit, source, user, project: job.project }
    const added = this.add(project, [name, version], { name: file, text, by })
    const into = this.#find(project, name, version)
    // It is the package's that was there before, too: CreatePackageFileService changes the column.
    if (into !== undefined && status !== null) into.status = status
    const shown = into === undefined ? {} : shownFile(into.id)(added)
    return { status: 201, json: url.searchParams.get('select') === 'package_file' ? shown : { message: '201 Created' } }
  }

  #find(project: number, name: string, version: string): Package | undefined {
    return this.#packages.find((one) => one.project === project && one.name === name && one.version === version)
  }

  /** `package_name` is looked for anywhere in the names, `package_version` is the whole version. */
  #listed(project: number, url: URL): Answer {
    const [type, name, version, status] = ['package_type', 'package_name', 'package_version', 'status'].map(
      (key) => url.searchParams.get(key) ?? '',
    )
    if (status !== '' && !statuses.has(status ?? '')) return { status: 400, json: { error: 'status does not have a valid value' } }
    if (type !== '' && type !== 'generic') return this.#paged([], url)
    const found = this.#packages.filter((one) => one.project === project && (version === '' || one.version === version))
    const named = found.filter((one) => one.name.toLowerCase().includes((name ?? '').toLowerCase()))
    const visible = named.filter((one) => one.status === (status || 'default') && one.unseen-- <= 0)
    return this.#paged(visible.map(shownPackage), url)
  }

  #paged(all: readonly unknown[], url: URL): Answer {
    return paged(all, url, this.#options.maxPerPage)
  }
}

interface Place {
  readonly name: string
  readonly version: string
  readonly file: string
}

/** lib/api/project_packages.rb and lib/api/generic_packages.rb. */
const statuses: ReadonlySet<string> = new Set(['default', 'hidden', 'processing', 'error', 'pending_destruction', 'deprecated'])

function isStatus(text: string): text is Status {
  return text === 'default' || text === 'hidden'
}

function shownPackage({ id, name, version, status, by }: Package) {
  const created = { id, name, version, package_type: 'generic', status, created_at: '2026-01-31T12:00:00.000Z' }
  return by === undefined ? created : { ...created, pipeline: shownPipeline(by) }
}

function shownFile(packageId: number) {
  return ({ id, name, text, by }: GenericFile) => ({
    ...(by !== undefined && { pipelines: [shownPipeline(by)] }),
    id,
    package_id: packageId,
    created_at: '2026-01-31T12:00:00.000Z',
    file_name: name,
    size: Buffer.byteLength(text),
    file_md5: null,
    file_sha1: null,
    file_sha256: digest(text),
  })
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function notFound(what: string): Answer {
  return { status: 404, json: { message: `404 ${what} Not Found` } }
}
