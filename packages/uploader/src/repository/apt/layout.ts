import { type Content, fileOf, type PackageCoordinates, type Sha256, StagegateError } from '@stagegate/schema'
import type { PackageBytes } from '../../package/bytes.js'
import { readDebControl } from '../../package/deb.js'
import { type StorePath, storePath } from '../../store/index.js'
import type { Checking, Entry, Layout, PackagesAt, ReadFile } from '../indexed/layout.js'
import { signatureOf } from '../indexed/tree.js'
import { unsupported } from '../unsupported.js'
import { AptCatalogue } from './catalogue.js'
import { below, type SuitePlace } from './index-files.js'
import { type AptEntry, keyOf, stanzaOf } from './packages-file.js'
import { parseRelease } from './release-file.js'
import { type AptSettings, suiteOf } from './settings.js'

/**
 * A tree for apt: `dists/SUITE/InRelease` is the only file that has to move. Indices are stored under their digests, so a client that has
 * read one InRelease gets its indices, whatever is published in the meantime.
 *
 * @see https://wiki.debian.org/DebianRepository/Format
 */
export class AptLayout implements Layout<AptEntry> {
  readonly #settings: AptSettings
  readonly #root: string

  constructor(settings: AptSettings) {
    this.#settings = settings
    this.#root = settings.path === undefined ? '' : `${storePath(settings.path)}/`
  }

  indexOf(at: PackageCoordinates): string {
    if (at.format === 'deb') return suiteOf(at, this.#settings)
    throw unsupported('a repository for apt accepts only .deb packages', 'Publish it to a repository for yum.', fileOf(at))
  }

  packagesAt(suite: string): PackagesAt {
    return { manager: 'apt', path: this.#root.replace(/\/$/, ''), suite, component: this.#settings.component ?? 'main' }
  }

  placeOf(at: PackageCoordinates, { sha256 }: Content): StorePath {
    const { pool = 'names', component = 'main' } = this.#settings
    // A plus sign in a path means a space to some servers.
    if (pool === 'digests') return storePath(`${this.#root}pool/${sha256.slice(0, 2)}/${sha256}/${at.file.replaceAll('+', '_')}`)
    return storePath(`${this.#root}pool/${this.indexOf(at)}/${component}/${at.file}`)
  }

  topOf(suite: string): StorePath {
    return below(this.#place(suite), 'InRelease')
  }

  formersOf(suite: string): StorePath {
    return below(this.#place(suite), 'by-hash/SHA256')
  }

  formerName(sha256: Sha256): string {
    return sha256
  }

  async describe(at: PackageCoordinates, { place, content }: Omit<Entry, 'key'>, bytes: PackageBytes): Promise<AptEntry> {
    const { identity, text } = await readDebControl(bytes)
    const { name, version, architecture } = identity
    if (keyOf(identity) !== keyOf(at))
      throw new StagegateError({
        code: 'repository/other-package',
        what: `the package is ${keyOf(identity)} by its own metadata, but should be listed as ${keyOf(at)}`,
        where: fileOf(at),
        next: 'Nothing was listed. Stage and seal it again.',
        final: true,
      })
    const stanza = stanzaOf(text, place.slice(this.#root.length), content)
    return { key: keyOf(identity), place, content, name, version, architecture, stanza }
  }

  async read(suite: string, top: Buffer | undefined, files: ReadFile, checking: () => Promise<Checking>): Promise<AptCatalogue> {
    const place = this.#place(suite)
    const parts = { place, settings: this.#settings, files }
    if (top === undefined) {
      await this.#expectNew(place, files)
      return new AptCatalogue({ ...parts, release: undefined, text: '' })
    }
    const text = Buffer.from((await signatureOf(this.topOf(suite), (await checking()).cleartext(top))).text).toString('utf8')
    return new AptCatalogue({ ...parts, release: parseRelease(text, this.topOf(suite)), text })
  }

  /** @throws {StagegateError} the suite has an old index without InRelease: a new one next to it would hide everything that it lists */
  async #expectNew(place: SuitePlace, files: ReadFile): Promise<void> {
    const old = below(place, 'Release')
    if ((await files(old)) === undefined) return
    throw new StagegateError({
      code: 'repository/index-old',
      what: 'the suite has a Release file but no InRelease',
      where: old,
      next: 'Sign it once as InRelease in the same folder: gpg --clearsign --output InRelease Release. Nothing was listed.',
      final: true,
    })
  }

  #place(suite: string): SuitePlace {
    return { root: this.#root, suite }
  }
}
