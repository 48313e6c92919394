import { createHash } from 'node:crypto'
import { type Readable, Transform } from 'node:stream'
import type { PackageCoordinates, Sha256 } from '@stagegate/schema'
import { type Call, IndexBroken } from '../../contract/capabilities.js'
import { digestOf } from '../../contract/content-of.js'
import type { Users } from '../../store/index.js'
import type { Catalogue, Checking, Entry, Layout, Listing, ReadFile } from './layout.js'
import { allOf, firstLost, formerOf } from './tree.js'

/** The parts of a `UsersView`. */
export interface UsersViewParts<E extends Entry> {
  readonly layout: Layout<E>
  readonly readers: Users
  readonly checking: (files: ReadFile) => () => Promise<Checking>
}

/** How many former states are compared. If there are more between a release and its verification, the rest is not. */
const mostFormer = 50

/** A tree as package managers see it: the signed index first, then the files that it names, then the package. */
export class UsersView<E extends Entry> {
  readonly #parts: UsersViewParts<E>
  /** States of an index in which nothing has vanished since a package was listed, by digest and package. */
  readonly #complete = new Map<string, Promise<void>>()
  readonly #read = new Map<string, Promise<Catalogue<E>>>()
  /** A state reads its files when they are needed, with the call of the latest caller, since earlier calls may be over. */
  #call: Call | undefined

  constructor(parts: UsersViewParts<E>) {
    this.#parts = parts
  }

  /**
   * The bytes that users install; `undefined` if the index lists none. The stream fails if they differ from the index.
   * @throws {IndexBroken} the index is broken, or something that it listed before has vanished
   */
  async read(at: PackageCoordinates, call: Call): Promise<Readable | undefined> {
    const { layout, readers } = this.#parts
    const index = layout.indexOf(at)
    this.#call = call
    const files: ReadFile = async (path) => {
      const stream = await readers.read(path, this.#call ?? call)
      return stream && allOf(stream, path)
    }
    const top = await files(layout.topOf(index))
    if (top === undefined) return undefined
    const catalogue = await this.#catalogueOf(index, top, files)
    const listed = await catalogue.find(at)
    if (listed === undefined) return undefined
    await this.#expectComplete(index, digestOf(top), { at, catalogue, files })
    const stream = await readers.read(listed.place, call)
    if (stream === undefined) throw new IndexBroken(`the index lists ${listed.place}, but readers cannot get it`, putBack)
    return asListed(stream, listed)
  }

  #catalogueOf(index: string, top: Buffer, files: ReadFile): Promise<Catalogue<E>> {
    const { layout, checking } = this.#parts
    return kept(this.#read, `${index} ${digestOf(top)}`, () => layout.read(index, top, files, checking(files)))
  }

  /** Looks back to the state before this release: everything that it listed is still listed, with the same bytes. */
  #expectComplete(index: string, top: Sha256, { at, catalogue, files }: Look<E>): Promise<void> {
    return kept(this.#complete, `${index} ${top} ${JSON.stringify(at)}`, async () => {
      const { layout } = this.#parts
      const now = await catalogue.beside(at)
      let { former } = catalogue
      for (let back = 0; former !== undefined && back < mostFormer; back++) {
        const bytes = await files(formerOf(layout, index, former))
        // Cleaned up, as old states are after a while.
        if (bytes === undefined) return
        const before = await this.#catalogueOf(index, bytes, files)
        const listed = await listedBy(before, at)
        if (listed === undefined) return
        const lost = firstLost(listed, now)
        if (lost !== undefined)
          throw new IndexBroken(`${lost.key} was listed before and has disappeared`, 'Find out who removed it, and list it again.')
        if ((await before.find(at)) === undefined) return
        former = before.former
      }
    })
  }
}

interface Look<E extends Entry> {
  readonly at: PackageCoordinates
  readonly catalogue: Catalogue<E>
  readonly files: ReadFile
}

/**
 * Everything that a former state listed; `undefined` if its indices are gone. They were cleaned up, or another tool wrote them under plain
 * names, which now have today's.
 */
async function listedBy<E extends Entry>(former: Catalogue<E>, at: PackageCoordinates): Promise<readonly Listing[] | undefined> {
  try {
    return await former.beside(at)
  } catch (error) {
    if (error instanceof IndexBroken) return undefined
    throw error
  }
}

/** Makes a value once per key, and again if it failed. */
function kept<T>(made: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const known = made.get(key)
  if (known !== undefined) return known
  const making = make()
  made.set(key, making)
  making.catch(() => made.delete(key))
  return making
}

const putBack = 'Find out who changed or removed it, and restore the released file.'

function asListed(stream: Readable, { place, content }: Entry): Readable {
  const hash = createHash('sha256')
  const checked = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk)
      done(null, chunk)
    },
    flush(done) {
      const seen = hash.digest('hex')
      if (seen === content.sha256) done()
      else done(new IndexBroken(`the index lists ${place} with the sha256 ${content.sha256}, but readers get ${seen}`, putBack))
    },
  })
  stream.on('error', (error) => checked.destroy(error))
  checked.on('close', () => stream.destroy())
  return stream.pipe(checked)
}
