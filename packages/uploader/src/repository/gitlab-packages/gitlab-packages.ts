import type { Readable } from 'node:stream'
import { bytes, type Coordinates, fileOf, sha256 } from '@stagegate/schema'
import {
  type Body,
  type Call,
  type Item,
  NotThere,
  type Observation,
  type Served,
  type Sink,
  type Source,
  type Written,
} from '../../contract/capabilities.js'
import { RepositoryRefusal } from '../../contract/refusal.js'
import type { GitlabApi } from '../../gitlab/gitlab-api.js'
import { type File, type Package, ProjectPackages } from '../../gitlab/project-packages.js'
import { GitlabRefusal, refusalWith, saidIn } from '../../gitlab/refusal.js'
import { describeUploader } from '../../gitlab/uploader.js'
import { type Asker, beingDeleted, type Refused, refusal, refusedUpload, uploadRefusal } from './answers.js'
import { Audience } from './audience.js'
import { type Place, placeOf } from './place.js'

/** The parts of a `GitlabPackages`. */
export interface GitlabPackagesParts {
  readonly api: GitlabApi
  /** The same GitLab without a token. */
  readonly visitors: GitlabApi
  /** The project's path, and the variable with the token. */
  readonly asker: Asker
  /** Prefix of the packages' names; empty for a public place. */
  readonly prefix: string
  /** Whether only members may read what is uploaded. */
  readonly isPrivate: boolean
}

/**
 * The generic packages of a GitLab project. GitLab replaces nothing and refuses nothing: a second upload adds another file with the same
 * name, and a download returns the newest. So a file is there only if all files with its name are the same.
 *
 * @see https://docs.gitlab.com/user/packages/generic_packages/
 */
export class GitlabPackages implements Source, Sink, Served {
  readonly host: string
  readonly #api: GitlabApi
  readonly #visitors: GitlabApi
  readonly #packages: ProjectPackages
  #asker: Asker
  readonly #prefix: string
  readonly #isPrivate: boolean
  readonly #audience: Audience
  #privacy: Promise<void> | undefined

  constructor({ api, visitors, asker, prefix, isPrivate }: GitlabPackagesParts) {
    this.host = api.origin
    this.#api = api
    this.#visitors = visitors
    this.#packages = new ProjectPackages(api, asker.project)
    this.#asker = asker
    this.#prefix = prefix
    this.#isPrivate = isPrivate
    this.#audience = new Audience(visitors, asker.project)
  }

  async observe(at: Coordinates, call: Call): Promise<Observation> {
    const place = this.#placeOf(at)
    const location = this.#pathOf(place)
    const files = await this.#filesOf(place, call)
    const [first, ...others] = files
    if (first === undefined) return this.#observeUnlisted(place, call)
    const other = others.find(({ sha256: digest }) => digest === undefined || digest !== first.sha256)
    if (other !== undefined) throw this.#ambiguous(at, place, [first, other])
    const digest = first.sha256 === undefined ? undefined : sha256(first.sha256)
    return { saw: 'present', sha256: digest, size: first.size === undefined ? undefined : bytes(first.size), location }
  }

  async create({ coordinates, content }: Item, body: Body, call: Call): Promise<Written> {
    const location = this.#pathOf(this.#placeOf(coordinates))
    if (this.#isPrivate) await this.#expectPrivate(call)
    // GitLab itself would add a second one.
    if ((await this.observe(coordinates, call)).saw === 'present') return { outcome: 'exists' }
    const refused = await this.#upload(location, body, call)
    if (refused === undefined) return { outcome: 'accepted', location }
    if (isDuplicate(refused)) return { outcome: 'exists' }
    const because = refusedUpload(refused, content.size)
    if (because !== undefined) return { outcome: 'refused', because }
    throw uploadRefusal(refused, this.#asker)
  }

  /** `undefined`: GitLab has accepted the file. */
  async #upload(path: string, body: Body | string, call: Call): Promise<Refused | undefined> {
    const { status, text } = await this.#api.put(path, body, call)
    if (status === 201 || status === 200) return undefined
    const said = saidIn(text)
    return { status, said: said === undefined ? undefined : this.#api.quote(said), where: this.#api.where(path) }
  }

  async read(location: string, call: Call): Promise<Readable> {
    const { status, stream } = await this.#api.download(location, call)
    if (status === 200) return stream
    stream.destroy()
    // The files of a project that the token may not see look absent too. A file is gone only if the packages can be listed.
    if (status === 404) {
      await this.#filesOf({ name: '-', version: '-', file: '-' }, call)
      throw new NotThere(`${location.slice(this.#packages.path.length)} is no longer among the packages of ${this.#asker.project}`)
    }
    throw refusal({ status, said: undefined, where: this.#api.where(location) }, this.#asker)
  }

  async served(at: Coordinates, call: Call): Promise<Readable | undefined> {
    const location = this.#pathOf(this.#placeOf(at))
    const { status, stream } = await this.#visitors.download(location, call)
    if (status === 200) return stream
    stream.destroy()
    if ([401, 403, 404].includes(status)) return undefined
    throw refusal({ status, said: undefined, where: this.#visitors.where(location) }, { ...this.#asker, variable: undefined })
  }

  /** A hidden package is in no list, and neither is a very new one, but both exist. */
  async #observeUnlisted(place: Place, call: Call): Promise<Observation> {
    const location = this.#pathOf(place)
    const { status, headers, stream } = await this.#api.download(location, call)
    stream.destroy()
    if (status === 404) return { saw: 'absent' }
    if (status !== 200) throw refusal({ status, said: undefined, where: this.#api.where(location) }, this.#asker)
    // GitLab serves the files of a package by name until its clean-up has run.
    if (await this.#isBeingDeleted(place, call)) throw beingDeleted(this.#api.where(location))
    const size = headers['content-length']
    // The digest may belong to another file with this name, so callers that need it read the bytes.
    return { saw: 'present', sha256: undefined, size: size === undefined ? undefined : bytes(Number(size)), location }
  }

  /** A version that does not know the status answers 400. */
  #isBeingDeleted({ name, version }: Place, call: Call): Promise<boolean> {
    return this.#asked(async () => {
      try {
        return (await this.#packages.find(name, version, call, 'pending_destruction')).length > 0
      } catch (error) {
        refusalWith([400], error)
        return false
      }
    })
  }

  async #filesOf(place: Place, call: Call): Promise<readonly File[]> {
    const found = await this.#find(place, call)
    const files = await this.#asked(() => Promise.all(found.map((one) => this.#packages.files(one, call))))
    return files.flat().filter((one) => one.name === place.file)
  }

  async #find({ name, version }: Place, call: Call): Promise<readonly Package[]> {
    const found = await this.#asked(() => this.#packages.find(name, version, call))
    this.#asker = { ...this.#asker, wasKnown: true }
    return found
  }

  async #asked<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask()
    } catch (error) {
      if (!(error instanceof GitlabRefusal)) throw error
      const { status, said, where = this.#api.where(this.#packages.path) } = error
      throw refusal({ status, said, where }, this.#asker)
    }
  }

  /** @throws {RepositoryRefusal} anybody can read the packages, or download a file by its address */
  #expectPrivate(call: Call): Promise<void> {
    this.#privacy ??= this.#refusePublic(call).catch((error: unknown) => {
      this.#privacy = undefined
      throw error
    })
    return this.#privacy
  }

  async #refusePublic(call: Call): Promise<void> {
    const { project } = this.#asker
    if ((await this.#audience.is(call)) === 'everybody')
      throw notPrivate(`anybody can read the packages of ${project}`, this.#visitors.where(this.#packages.path), anotherProject)
    // A private project may allow everybody to download although only members see the list. A file without content shows whether it does.
    const probe = this.#pathOf({ name: `${this.#prefix}probe`, version: '1', file: 'probe' })
    if ((await this.#statusOf(this.#api, probe, call)) === 404) {
      const refused = await this.#upload(probe, 'Stagegate uses this file to check whether visitors can download.\n', call)
      if (refused !== undefined && !isDuplicate(refused)) throw uploadRefusal(refused, this.#asker)
    }
    const own = await this.#statusOf(this.#api, probe, call)
    if (own !== 200) throw refusal({ status: own, said: undefined, where: this.#api.where(probe) }, this.#asker)
    if ((await this.#statusOf(this.#visitors, probe, call)) === 200)
      throw notPrivate(`anybody can download a package of ${project} by its address`, this.#visitors.where(probe), turnOff)
  }

  /** @throws {StagegateError} the answer does not show whether the caller can read */
  async #statusOf(api: GitlabApi, path: string, call: Call): Promise<200 | 401 | 403 | 404> {
    const { status, stream } = await api.download(path, call)
    stream.destroy()
    if (status === 200 || status === 401 || status === 403 || status === 404) return status
    throw refusal({ status, said: undefined, where: api.where(path) }, this.#asker)
  }

  #ambiguous(at: Coordinates, { name, version }: Place, files: readonly File[]): RepositoryRefusal {
    const described = files.map(
      ({ id, sha256: digest, by }) => `file ${id} (sha256 ${digest ?? 'unknown'}), which ${describeUploader(by)} added`,
    )
    return new RepositoryRefusal({
      code: 'repository/ambiguous',
      what: `several different files have this name: ${described.join(', and ')}`,
      where: `${fileOf(at)} in the package ${name} ${version} of ${this.#asker.project}`,
      next: 'Stagegate does not guess which one is right. Find out who added them. A maintainer must delete the wrong one in Deploy > Package registry; then run the job again.',
    })
  }

  #placeOf(at: Coordinates): Place {
    const place = placeOf(at)
    return { ...place, name: this.#prefix + place.name }
  }

  #pathOf({ name, version, file }: Place): string {
    return `${this.#packages.path}/generic/${[name, version, file].map(encodeURIComponent).join('/')}`
  }
}

/** A project may be configured to refuse a second file with the same name. */
function isDuplicate({ status, said = '' }: Refused): boolean {
  return status === 400 && /duplicate/i.test(said)
}

const anotherProject =
  'Stage in a private project: gitlabPackages(…) with its path. It must allow this project: Settings > CI/CD > Job token permissions.'
const turnOff =
  'Turn off "Allow anyone to pull from package registry" in Settings > General > Visibility of that project, or stage in another private project.'

function notPrivate(what: string, where: string, next: string): RepositoryRefusal {
  return new RepositoryRefusal({
    code: 'repository/not-private',
    what: `${what}: what is staged there would be public at once`,
    where,
    next: `Nothing was uploaded. ${next}`,
  })
}
