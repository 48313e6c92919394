import type { Call } from '../../contract/capabilities.js'
import { RepositoryRefusal } from '../../contract/refusal.js'
import { isConditionFalse } from './answers.js'
import type { Dialect } from './dialect.js'
import type { Wire } from './wire.js'

const textFor = ({ conditions: { create, replace } }: Dialect) =>
  `Stagegate uses this object to check whether the server supports conditional writes (${create}, ${replace}).\nYou can delete it.\n`

/**
 * Finds out whether a server obeys the conditions of a write, before the first write that matters: a server that ignores them would
 * overwrite.
 *
 * Its object always has the same name and bytes, so the order of writes does not matter, many processes can test at once, and nobody needs
 * the right to delete it. If it already exists, one request is enough.
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

  /** @throws {RepositoryRefusal} `store/no-preconditions`: the server replaces despite the condition */
  creates(call: Call): Promise<void> {
    this.#creates ??= this.#expectNew(call).catch((error: unknown) => {
      this.#creates = undefined
      throw error
    })
    return this.#creates
  }

  /** @throws {RepositoryRefusal} `store/no-preconditions`: the server replaces despite one of the conditions */
  replaces(call: Call): Promise<void> {
    this.#replaces ??= this.#expectSame(call).catch((error: unknown) => {
      this.#replaces = undefined
      throw error
    })
    return this.#replaces
  }

  async #expectNew(call: Call): Promise<void> {
    const { onlyNew, conditions } = this.#wire.dialect
    // The first one may create it.
    if ((await this.#isRefused(onlyNew, call)) || (await this.#isRefused(onlyNew, call))) return
    throw this.#ignored(conditions.create)
  }

  async #expectSame(call: Call): Promise<void> {
    await this.creates(call)
    const { onlyIf, unusedVersion, conditions } = this.#wire.dialect
    if (!(await this.#isRefused(onlyIf(unusedVersion), call))) throw this.#ignored(conditions.replace)
  }

  async #isRefused(headers: Readonly<Record<string, string>>, call: Call): Promise<boolean> {
    const own = { 'content-type': 'text/plain', 'cache-control': 'no-cache' }
    const body = textFor(this.#wire.dialect)
    const answer = await this.#wire.ask({ method: 'PUT', key: this.key, headers: { ...headers, ...own }, body }, call)
    if (isConditionFalse(answer)) return true
    if (answer.status === 200 && answer.error === undefined && this.#wire.versionIn(answer.headers) !== undefined) return false
    throw this.#wire.unexpected(answer, this.key)
  }

  #ignored(header: string): RepositoryRefusal {
    return new RepositoryRefusal({
      code: 'store/no-preconditions',
      what: `the server ignores ${header}, so it would overwrite files and lose concurrent changes`,
      where: this.#wire.where(this.key),
      next: `Only this object of a few bytes was uploaded. Use ${this.#wire.dialect.honouringServers}.`,
    })
  }
}
