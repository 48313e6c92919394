import type { Answer } from '../server/respond.js'
import { notFound, redirect } from './answers.js'
import type { Asker } from './asker.js'
import { type Entrance, isRead } from './entrance.js'
import type { GenericPackagesOptions } from './generic-packages-options.js'
import { bytesAnswer, ObjectStorage } from './object-storage.js'
import { type Place, placeOf, wrongName } from './package-place.js'
import { readable, readableByName, unseen, writable } from './package-rights.js'
import {
  bytesOfOptions,
  type GenericFile,
  type GenericFileOptions,
  type PackageRow,
  PackageRows,
  type PackageStatus,
} from './package-rows.js'
import { installable, listPackages, packageByNumber, shownFile } from './package-shown.js'
import { upload } from './package-upload.js'
import { paged } from './paged.js'
import { entranceOf, Projects } from './projects.js'
import type { GitlabAsked, GitlabPart, GitlabSurroundings } from './start.js'
import { ByteFolder } from './stored-bytes.js'

/** The generic packages of projects. A package and its first file are created as one; numbers only grow. */
export class GenericPackages implements GitlabPart {
  readonly #options: GenericPackagesOptions
  readonly #entrance: Entrance
  readonly #rows: PackageRows
  readonly #folder = new ByteFolder()
  readonly #storage = new ObjectStorage()
  #brokenUploads = 0

  constructor(options: GenericPackagesOptions) {
    this.#options = options
    this.#entrance = entranceOf(options.projects ?? new Projects({ jobs: options.jobs }))
    this.#rows = new PackageRows(options.lag ?? 0)
  }

  /** `NAME/VERSION` of every package of all projects, with its files, the oldest first. */
  get all(): Readonly<Record<string, readonly GenericFile[]>> {
    return byName(this.#rows.all)
  }

  /** The same for one project. */
  of(project: number): Readonly<Record<string, readonly GenericFile[]>> {
    return byName(this.#rows.all.filter((row) => row.project === project))
  }

  /** Somebody else adds a file, to `[NAME, VERSION]`. */
  add(project: number, [name, version]: readonly [string, string], file: GenericFileOptions): GenericFile {
    return this.#rows.add({ project, name, version }, file.name, bytesOfOptions(file), file.by).file
  }

  /** A maintainer deletes a file; the package, where none is named. In all projects, unless one is named. */
  delete(name: string, version: string, file?: number, project?: number): void {
    if (file === undefined) this.#rows.delete({ name, version }, project)
    for (const { files } of this.#rows.all) {
      const index = files.findIndex(({ id }) => id === file)
      if (index >= 0) files.splice(index, 1)
    }
  }

  /** The clean-up policy runs: of the files of one name in one package only the newest are left. */
  cleanUp(kept = 1): void {
    for (const { files } of this.#rows.all) {
      const isOld = ({ name, id }: GenericFile) => files.filter((file) => file.name === name && file.id > id).length >= kept
      files.splice(0, files.length, ...files.filter((file) => !isOld(file)))
    }
  }

  /** Something else changes a package's state: a background job, a person, another upload. */
  mark(name: string, version: string, status: PackageStatus): void {
    for (const row of this.#rows.all) if (row.name === name && row.version === version) row.status = status
  }

  /** The object store fails for the next uploads: they are answered with a bare 403 after their bodies, and leave nothing. */
  failUploads(times: number): void {
    this.#brokenUploads = times
  }

  /** Starts the object storage. */
  async open(surroundings: GitlabSurroundings): Promise<void> {
    await this.#storage.open(surroundings)
  }

  /** Ends the object storage, and removes what lay on disk. */
  async close(): Promise<void> {
    await this.#storage.close()
    await this.#folder.remove()
  }

  /** Answers requests for packages; `undefined` for others. */
  async answer(asked: GitlabAsked): Promise<Answer | undefined> {
    const [, project, rest = ''] = /^\/api\/v4\/projects\/([^/]+)\/packages(\/.*)?$/.exec(asked.url.pathname) ?? []
    if (project === undefined) return undefined
    if (this.#options.enabled === false) return notFound()
    const asker = this.#entrance.askerOf(asked, { job: true, deployAndBasic: true })
    if ('refused' in asker) return asker.refused
    const place = placeOf(rest)
    if (place === undefined) return isRead(asked.request) ? this.#listed(asked, asker.found, project, rest) : undefined
    const wrong = wrongName(place, this.#options.refusedCharacters)
    if (isRead(asked.request)) return wrong ?? this.#download(asker.found, project, place)
    if (asked.request.method !== 'PUT') return undefined
    // Without a credential nothing else is looked at: `authenticate_non_get!`.
    return asker.found.kind === 'nobody' ? unseen(asker.found) : (wrong ?? this.#upload(asked, asker.found, project, place))
  }

  #listed(asked: GitlabAsked, asker: Asker, id: string, rest: string): Answer | undefined {
    const project = readable(this.#entrance, asker, id)
    if ('refused' in project) return project.refused
    const { maxPerPage, keyset = true, namedPipeline = 'last' } = this.#options
    const of = this.#rows.all.filter((row) => row.project === project.found.id)
    if (rest === '') return listPackages(of, asked, { maxPerPage, keyset, namedPipeline })
    const number = /^\/(\d+)\/package_files$/.exec(rest)?.[1]
    if (number === undefined) return undefined
    const found = packageByNumber(of, Number(number))
    if (found === undefined) return notFound('Package')
    const files = found.files.map((file) => shownFile(found.id, file))
    return paged(files, asked, { maxPerPage, keyset })
  }

  #download(asker: Asker, id: string, { name, version, file: fileName }: Place): Answer {
    const project = readableByName(this.#entrance, asker, id)
    if ('refused' in project) return project.refused
    const isIt = (row: PackageRow) => row.project === project.found.id && row.name === name && row.version === version
    const isReadable = (row: PackageRow) => this.#options.readable !== 'installable' || installable.includes(row.status)
    // The last row of that name: app/finders/packages/package_file_finder.rb
    const file = this.#rows.all.find((row) => isIt(row) && isReadable(row))?.files.findLast((one) => one.name === fileName)
    if (file === undefined) return notFound()
    const { downloads = 'gitlab' } = this.#options
    const checksum = { 'x-checksum-sha256': file.sha256 }
    if (downloads === 'gitlab') return bytesAnswer(file.bytes, { ...checksum, 'content-disposition': 'attachment' })
    return redirect(this.#storage.addressOf(file.bytes), downloads === 'storage' ? {} : checksum)
  }

  async #upload(asked: GitlabAsked, asker: Asker, id: string, place: Place): Promise<Answer | undefined> {
    const { protectedNames, ...options } = this.#options
    const project = writable(this.#entrance, asker, id, { name: place.name, protectedNames })
    if ('refused' in project) return project.refused
    const isBroken = this.#brokenUploads > 0
    if (isBroken) this.#brokenUploads--
    return upload(asked, asker, { project: project.found, place }, { rows: this.#rows, folder: this.#folder, options, isBroken })
  }
}

function byName(rows: readonly PackageRow[]): Readonly<Record<string, readonly GenericFile[]>> {
  return Object.fromEntries(rows.map(({ name, version, files }) => [`${name}/${version}`, files]))
}
