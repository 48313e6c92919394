import type { Call } from '../../contract/capabilities.js'
import { RepositoryRefusal } from '../../contract/refusal.js'
import { isConditionFalse } from './answers.js'
import type { Wire } from './wire.js'

/** Well-formed, and that of no object. */
const nobodys = '"00000000000000000000000000000000"'

const text =
  'Stagegate asks with this object whether the server heeds the conditions of a write (If-None-Match, If-Match).\nIt has no other use, and may be deleted.\n'

/**
 * Finds out whether a server heeds the conditions of a write, before the first one that matters: a server that ignores them would overwrite.
 *
 * Its object has one name and always the same bytes, so that no order of writes changes anything, many processes can ask at once, and nobody
 * needs the right to delete it. Where it is there already, a single request tells.
 */
export class Probe {
  /** The key of its object. */
  readonly key: string
  readonly #wire: Wire
  #creates: Promise<void> | undefined
  #replaces: Promise<void> | undefined

  constructor(wire: Wire, key: string) {
    this.#wire = wire
    this.key = key
  }

  /** @throws {RepositoryRefusal} `store/no-preconditions`: the server replaces in spite of `If-None-Match: *` */
  creates(call: Call): Promise<void> {
    this.#creates ??= this.#expectNew(call).catch((error: unknown) => {
      this.#creates = undefined
      throw error
    })
    return this.#creates
  }

  /** @throws {RepositoryRefusal} `store/no-preconditions`: the server replaces in spite of `If-Match`, or of `If-None-Match: *` */
  replaces(call: Call): Promise<void> {
    this.#replaces ??= this.#expectSame(call).catch((error: unknown) => {
      this.#replaces = undefined
      throw error
    })
    return this.#replaces
  }

  async #expectNew(call: Call): Promise<void> {
    const onlyNew = { 'if-none-match': '*' }
    // The first one may create it.
    if ((await this.#isRefused(onlyNew, call)) || (await this.#isRefused(onlyNew, call))) return
    throw this.#ignored('If-None-Match')
  }

  async #expectSame(call: Call): Promise<void> {
    await this.creates(call)
    if (!(await this.#isRefused({ 'if-match': nobodys }, call))) throw this.#ignored('If-Match')
  }

  async #isRefused(headers: Readonly<Record<string, string>>, call: Call): Promise<boolean> {
    const answer = await this.#wire.ask(
      { method: 'PUT', key: this.key, headers: { ...headers, 'content-type': 'text/plain' }, body: text },
      call,
    )
    if (isConditionFalse(answer)) return true
    if (answer.status === 200 && answer.error === undefined && answer.headers['etag'] !== undefined) return false
    throw this.#wire.unexpected(answer, this.key)
  }

  #ignored(header: string): RepositoryRefusal {
    return new RepositoryRefusal({
      code: 'store/no-preconditions',
      what: `the server ignores ${header}: it would replace what is there, and lose what others write at the same time`,
      where: this.#wire.where(this.key),
      next: 'Nothing was uploaded but this object of a few bytes. Use a server that heeds conditional writes, such as AWS S3, Cloudflare R2, Ceph, MinIO or versitygw.',
    })
  }
}
