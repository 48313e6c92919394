import { addAbortSignal, Readable } from 'node:stream'
import { type Coordinates, fileOf, isPackage } from '@stagegate/schema'
import { NotThere, type StagingRepository } from '../contract/capabilities.js'
import { RepositoryRefusal } from '../contract/refusal.js'
import { bytesOf, contentOf } from './bytes.js'

/** A method of a repository in memory. */
export type MemoryMethod = 'observe' | 'read' | 'create'

/** A repository in memory that keeps every promise, for tests of programs. Spread it to replace a method for good. */
export interface MemoryRepository extends StagingRepository {
  /** Everything that is there, by `placeOf`. */
  readonly files: Map<string, Buffer>
  /** What was asked of it, in order. */
  readonly calls: MemoryMethod[]
  /** How often it was asked by this method. */
  count(method: MemoryMethod): number
  /**
   * Puts a fault in the place of a method, which the fault gets, and can call.
   * @param times how many calls have the fault @default all that are still to come
   * @example
   * repository.instead('create', (create) => async (...given) => {
   *   await create(...given)
   *   throw new Error('ECONNRESET')
   * }, 1)
   */
  instead<M extends MemoryMethod>(method: M, fault: (method: StagingRepository[M]) => StagingRepository[M], times?: number): void
}

/** Where it has an artifact: `ubuntu/jammy/acme_1.2.3_amd64.deb`, or a plain file's path. */
export function placeOf(at: Coordinates): string {
  return isPackage(at) ? `${at.distribution}/${at.file}` : fileOf(at)
}

/**
 * A repository in memory, filled with these artifacts.
 * @example
 * const staging = memoryRepository([{ format: 'file', path: 'hello.txt' }, Buffer.from('hello')])
 */
export function memoryRepository(...contents: readonly (readonly [at: Coordinates, data: Uint8Array])[]): MemoryRepository {
  const files = new Map<string, Buffer>(contents.map(([at, data]) => [placeOf(at), Buffer.from(data)]))
  const calls: MemoryMethod[] = []
  const faults: Fault[] = []
  const honest: Pick<StagingRepository, MemoryMethod> = {
    async observe(at, { signal }) {
      signal.throwIfAborted()
      const data = files.get(placeOf(at))
      return data === undefined ? { saw: 'absent' } : { saw: 'present', ...contentOf(data), location: placeOf(at) }
    },
    async read(location, { signal }) {
      signal.throwIfAborted()
      const data = files.get(location)
      if (data === undefined) throw new NotThere(`${location} is gone`)
      return Readable.from(data.length === 0 ? [] : [data])
    },
    async create({ coordinates }, body, { signal }) {
      signal.throwIfAborted()
      expectFile(coordinates)
      const data = await bytesOf(addAbortSignal(signal, body.stream()))
      if (files.has(placeOf(coordinates))) return { outcome: 'exists' }
      files.set(placeOf(coordinates), data)
      return { outcome: 'accepted', location: placeOf(coordinates) }
    },
  }
  const asked = <M extends MemoryMethod>(method: M): StagingRepository[M] => {
    calls.push(method)
    const fault = faults.find((one) => one.method === method && one.left > 0)
    if (fault === undefined) return honest[method]
    fault.left--
    // The cast: `instead` keeps a fault with the method that it is for.
    return (fault.of as (method: StagingRepository[M]) => StagingRepository[M])(honest[method])
  }
  return {
    files,
    calls,
    count: (method) => calls.filter((one) => one === method).length,
    instead(method, of, times = Number.POSITIVE_INFINITY) {
      faults.push({ method, of, left: times })
    },
    observe: async (at, call) => asked('observe')(at, call),
    read: async (location, call) => asked('read')(location, call),
    create: async (item, body, call) => asked('create')(item, body, call),
  }
}

function expectFile(at: Coordinates): void {
  if (isPackage(at) || at.format === 'file') return
  throw new RepositoryRefusal({
    code: 'repository/unsupported',
    what: `a repository in memory accepts packages and files, not ${fileOf(at)}`,
  })
}

interface Fault {
  readonly method: MemoryMethod
  readonly of: unknown
  left: number
}
