import type { Sha256 } from '@stagegate/schema'
import type { Call } from '../../contract/capabilities.js'
import { digestOf } from '../../contract/content-of.js'
import type { Catalogue, Entry, ReadFile } from './layout.js'
import type { IndexedParts } from './parts.js'
import { readVersioned } from './tree.js'

interface Known<E extends Entry> {
  readonly sha256: Sha256
  readonly catalogue: Promise<Catalogue<E>>
  /** A catalogue reads its files when they are needed, with the call of the latest caller, since earlier calls may be over. */
  call: Call
}

/** The indices of a tree, as this process has read them. The last states of each are kept, so looking and writing read it once. */
export class Catalogues<E extends Entry> {
  readonly #parts: Pick<IndexedParts<E>, 'store' | 'layout' | 'checking'>
  readonly #known = new Map<string, Known<E>>()

  constructor(parts: Pick<IndexedParts<E>, 'store' | 'layout' | 'checking'>) {
    this.#parts = parts
  }

  /** The state that starts with this top file. @param top `undefined`: there is none yet */
  of(index: string, top: Buffer | undefined, call: Call): Promise<Catalogue<E>> {
    if (top === undefined) return this.#read(index, top, () => call)
    const sha256 = digestOf(top)
    const known = this.#known.get(index)
    if (known?.sha256 === sha256) {
      known.call = call
      return known.catalogue
    }
    const now: Known<E> = { sha256, call, catalogue: this.#read(index, top, () => now.call) }
    this.#known.set(index, now)
    // An index that could not be read is read again.
    now.catalogue.catch(() => this.#known.get(index) === now && this.#known.delete(index))
    return now.catalogue
  }

  async #read(index: string, top: Buffer | undefined, call: () => Call): Promise<Catalogue<E>> {
    const { store, layout, checking } = this.#parts
    const files: ReadFile = async (path) => (await readVersioned(store, path, call()))?.bytes
    return layout.read(index, top, files, checking(files))
  }
}
