import type { Readable } from 'node:stream'
import {
  bytes,
  type Coordinates,
  fileOf,
  isPackage,
  type PackageCoordinates,
  type Problem,
  StagegateError,
  sha256,
} from '@stagegate/schema'
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
import { DistributionTable, nearest } from './distributions.js'
import { fileNames } from './identity.js'
import { downloadPath, parseDownloadPath, uploadPath } from './paths.js'
import { findFile, findPackage } from './search.js'
import type { Site } from './site.js'
import { writtenBy } from './upload-answer.js'
import { PackageDetails, type PackageRow, parseAnswer } from './wire.js'

/** One repository of a packagecloud server. */
export class Packagecloud implements Source, Sink, Served {
  readonly host: string
  readonly #repository: string
  readonly #site: Site
  readonly #visitors: Site
  readonly #distributions: DistributionTable

  /** `visitors` is the same site without a credential, for the users' view. */
  constructor(repository: string, site: Site, visitors: Site) {
    this.host = site.client.origin
    this.#repository = repository
    this.#site = site
    this.#visitors = visitors
    this.#distributions = new DistributionTable(site)
  }

  async observe(at: Coordinates, call: Call): Promise<Observation> {
    if (!isPackage(at)) throw new StagegateError({ ...unsupported(this.#repository), where: fileOf(at) })
    const row = await findPackage(this.#site, this.#repository, at, call)
    if (row === undefined) return { saw: 'absent' }
    const location = downloadPath(this.#repository, at.distribution, row.filename)
    if (row.sha256sum !== undefined) return { saw: 'present', sha256: sha256(row.sha256sum), size: undefined, location }
    return { saw: 'present', ...(await this.#details(row, call)), location }
  }

  async create({ coordinates }: Item, body: Body, call: Call): Promise<Written> {
    if (!isPackage(coordinates)) {
      const { code, what, next } = unsupported(this.#repository)
      return { outcome: 'refused', because: { code, message: `${what} ${next}` } }
    }
    const id = await this.#distributionId(coordinates, call)
    if (typeof id !== 'number') return { outcome: 'refused', because: id }
    const answer = await this.#site.client.send(
      {
        method: 'POST',
        path: uploadPath(this.#repository),
        headers: { accept: 'application/json' },
        body: {
          fields: [['package[distro_version_id]', String(id)]],
          file: { field: 'package[package_file]', filename: coordinates.file, body },
        },
      },
      call,
    )
    return writtenBy(answer, this.#site, this.#repository, coordinates.distribution)
  }

  async read(location: string, call: Call): Promise<Readable> {
    const at = parseDownloadPath(this.#repository, location)
    const answer = await this.#site.client.download(location, call)
    if (answer.status === 200) return answer.stream
    answer.stream.destroy()
    // A 404 may also mean that the token is wrong: the package is gone only if a list that we may read lacks it.
    if (answer.status === 404 && (await findFile(this.#site, this.#repository, at, call)) === undefined) {
      throw new NotThere(`${at.file} for ${at.distribution} is no longer in ${this.#repository}`)
    }
    throw this.#site.unexpectedDownload(answer, location)
  }

  async served(at: Coordinates, call: Call): Promise<Readable | undefined> {
    if (!isPackage(at)) return undefined
    for (const file of fileNames(at)) {
      const path = downloadPath(this.#repository, at.distribution, file)
      const answer = await this.#visitors.client.download(path, call)
      if (answer.status === 200) return answer.stream
      answer.stream.destroy()
      if (answer.status !== 404) throw this.#visitors.unexpectedDownload(answer, path)
    }
    return undefined
  }

  /** Needed only while the list has no digest: the details may have it, and they have the size. */
  async #details(
    { package_url: path, filename }: PackageRow,
    call: Call,
  ): Promise<Pick<Observation & { saw: 'present' }, 'sha256' | 'size'>> {
    // Absolute addresses are not followed: `download_url` is one, and contains a token.
    if (path === undefined || !path.startsWith('/')) return { sha256: undefined, size: undefined }
    const { text } = await this.#site.get(path, call)
    const details = parseAnswer(PackageDetails, text, this.#site.where(path))
    if (details.filename !== filename)
      throw new StagegateError({
        code: 'repository/unexpected-answer',
        what: `expected the details of ${filename}`,
        where: this.#site.where(path),
      })
    return {
      sha256: details.sha256sum === undefined ? undefined : sha256(details.sha256sum),
      size: details.size === undefined ? undefined : bytes(details.size),
    }
  }

  async #distributionId({ format, distribution }: PackageCoordinates, call: Call): Promise<number | Problem> {
    const known = (await this.#distributions.ids(call)).get(format) ?? new Map<string, number>()
    const id = known.get(distribution)
    if (id !== undefined) return id
    const near = nearest(distribution, known.keys())
    const next =
      near.length === 0
        ? `It knows ${known.size} distributions for ${format} packages, but none with a similar name.`
        : `Did you mean ${near.join(', ')}?`
    return {
      code: 'repository/unknown-distribution',
      message: `The server does not know the distribution ${distribution} for ${format} packages. ${next}`,
    }
  }
}

function unsupported(repository: string) {
  return {
    code: 'repository/unsupported',
    what: `${repository} accepts only deb and rpm packages.`,
    next: 'Publish it to another repository.',
    final: true,
  }
}
