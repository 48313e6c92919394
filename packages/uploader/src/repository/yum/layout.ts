import { type Content, fileOf, type PackageCoordinates, type Sha256, StagegateError } from '@stagegate/schema'
import type { PackageBytes } from '../../package/bytes.js'
import { describeRpm } from '../../package/rpm-describe.js'
import { type StorePath, storePath } from '../../store/index.js'
import type { Checking, Entry, Layout, PackagesAt, ReadFile } from '../indexed/layout.js'
import { RecentCache } from '../indexed/recent.js'
import { signatureOf } from '../indexed/tree.js'
import { unsupported } from '../unsupported.js'
import { below, keyOf, YumCatalogue, type YumEntry } from './catalogue.js'
import { entryOf } from './entry.js'
import type { Metadata } from './metadata.js'
import { readRepomd } from './repomd.js'
import { folderOf, type YumSettings } from './settings.js'
import { expectSigned, formerIn } from './signed-repomd.js'

/**
 * Repositories for yum, dnf and zypper: `repodata/repomd.xml` is the only file that has to move. The files that it names are stored under
 * their digests, so a client that has read one repomd.xml gets its documents, whatever is published in the meantime.
 */
export class YumLayout implements Layout<YumEntry> {
  readonly #settings: YumSettings
  readonly #root: string
  readonly #parsed = new RecentCache<Metadata>()

  constructor(settings: YumSettings) {
    this.#settings = settings
    this.#root = settings.path === undefined ? '' : `${storePath(settings.path)}/`
  }

  indexOf(at: PackageCoordinates): string {
    if (at.format === 'rpm') return folderOf(at, this.#settings)
    throw unsupported('a repository for yum accepts only .rpm packages', 'Publish it to a repository for apt.', fileOf(at))
  }

  packagesAt(index: string): PackagesAt {
    return { manager: 'dnf', path: this.#folder(index), isSigned: this.#settings.indexSignature ?? false }
  }

  placeOf(at: PackageCoordinates, { sha256 }: Content): StorePath {
    const folder = this.#folder(this.indexOf(at))
    // A plus sign in a path means a space to some servers, and zypper sends it as it is.
    if (this.#settings.pool === 'digests') return below(folder, `Packages/${sha256.slice(0, 2)}/${sha256}/${at.file.replaceAll('+', '_')}`)
    return below(folder, `Packages/${at.file}`)
  }

  topOf(index: string): StorePath {
    return below(this.#folder(index), 'repodata/repomd.xml')
  }

  formersOf(index: string): StorePath {
    return below(this.#folder(index), 'repodata/former')
  }

  formerName(sha256: Sha256): string {
    return `${sha256}-repomd.xml`
  }

  async describe(at: PackageCoordinates, { place, content }: Omit<Entry, 'key'>, bytes: PackageBytes): Promise<YumEntry> {
    const rpm = await describeRpm(bytes)
    const key = keyOf(rpm.identity)
    if (key !== keyOf(at))
      throw new StagegateError({
        code: 'repository/other-package',
        what: `the package is ${key} by its own metadata, but should be listed as ${keyOf(at)}`,
        where: fileOf(at),
        next: 'Nothing was listed. Stage and seal it again.',
        final: true,
      })
    const href = place.slice(this.#folder(this.indexOf(at)).length + 1)
    return { key, place, content, listed: entryOf(rpm, { ...content, href }) }
  }

  async read(index: string, top: Buffer | undefined, files: ReadFile, checking: () => Promise<Checking>): Promise<YumCatalogue> {
    const folder = this.#folder(index)
    const parts = { folder, files, isSigned: this.#settings.indexSignature ?? false, parsed: this.#parsed }
    if (top === undefined) return new YumCatalogue({ ...parts, repomd: undefined, top, former: undefined })
    const beside = () => files(below(folder, 'repodata/repomd.xml.asc'))
    await signatureOf(this.topOf(index), expectSigned(top, beside, await checking()))
    return new YumCatalogue({ ...parts, repomd: readRepomd(top), top, former: formerIn(top) })
  }

  #folder(index: string): string {
    return `${this.#root}${index}`
  }
}
