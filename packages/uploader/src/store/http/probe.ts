import type { Call } from '../../contract/capabilities.js'
import { RepositoryRefusal } from '../../contract/refusal.js'
import { ownFolder, type StorePath } from '../path.js'
import { probePath, type Site } from './site.js'

/**
 * How a server is kept from replacing: it obeys the condition of a PUT; or it obeys the `Overwrite: F` of a MOVE; or it does neither, and
 * is looked at before each write.
 */
export type ReplaceGuard = 'condition' | 'move' | 'checked'

const text =
  'Stagegate uses this file to check whether the server supports conditional writes (If-None-Match, Overwrite).\nYou can delete it.\n'
const done: readonly number[] = [200, 201, 204]

/** Finds out how a server is kept from replacing, before the first write that matters. Its test files always have the same bytes. */
export class Probe {
  readonly #site: Site
  readonly #mayCheck: boolean
  #way: Promise<ReplaceGuard> | undefined

  /** @param mayCheck whether the author accepts a server that can only be looked at */
  constructor(site: Site, mayCheck: boolean) {
    this.#site = site
    this.#mayCheck = mayCheck
  }

  /** @throws {RepositoryRefusal} `store/no-preconditions`: the server would replace existing files */
  way(call: Call): Promise<ReplaceGuard> {
    this.#way ??= this.#find(call).catch((error: unknown) => {
      this.#way = undefined
      throw error
    })
    return this.#way
  }

  async #find(call: Call): Promise<ReplaceGuard> {
    // The first one may create it.
    if ((await this.#refusesPut(call)) || (await this.#refusesPut(call))) return 'condition'
    if (await this.#refusesMove(call)) return 'move'
    if (this.#mayCheck) return 'checked'
    throw new RepositoryRefusal({
      code: 'store/no-preconditions',
      what: 'the server ignores If-None-Match of a PUT, and has no MOVE that respects Overwrite: F, so it would replace existing files',
      where: this.#site.where(probePath),
      next: "Only files of a few bytes in .stagegate/ were uploaded. Allow MOVE (in nginx: dav_methods PUT MKCOL MOVE), or set overwrites: 'checked' if only one run writes there at a time.",
    })
  }

  async #refusesPut(call: Call): Promise<boolean> {
    const answer = await this.#site.put(probePath, text, call)
    if (answer.status === 412) return true
    if (done.includes(answer.status)) return false
    // A guard in the server's own configuration answers 409, like a server without the folder.
    // The cast: only paths from outside are kept from this folder.
    if (answer.status === 409 && (await this.#site.head(probePath as StorePath, call)).status === 200) return true
    throw this.#site.unexpected(answer, probePath)
  }

  async #refusesMove(call: Call): Promise<boolean> {
    const source = `${ownFolder}/probe-move`
    const put = await this.#site.put(source, text, call)
    if (!done.includes(put.status) && put.status !== 412) throw this.#site.unexpected(put, source)
    const moved = await this.#site.move(source, probePath, call)
    if (moved.status >= 500 && moved.status !== 501) throw this.#site.unexpected(moved, probePath)
    return moved.status === 412
  }
}
