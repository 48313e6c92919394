import type { Call } from '../../contract/capabilities.js'
import { RepositoryRefusal } from '../../contract/refusal.js'
import { isRefusal } from './answers.js'
import { expectTagsShown } from './lists.js'
import type { Site } from './site.js'

type Asked = { readonly who: Promise<'everybody' | 'members'>; readonly signal: AbortSignal }

/**
 * Finds out who may pull the images of a registry. It asks once for each image; an error is not an answer, so the next caller asks again.
 */
export class Audience {
  readonly #visited: Site
  readonly #asked = new Map<string, Asked>()

  /** `visited`: the registry without an account. */
  constructor(visited: Site) {
    this.#visited = visited
  }

  /**
   * @param staged whether something of the image is there, or will be sent now
   * @throws {RepositoryRefusal} `repository/not-private`: anybody may pull it
   * @throws {StagegateError} the registry does not say
   */
  async expectMembers(image: string, staged: 'there' | 'to come', call: Call): Promise<void> {
    if ((await this.#of(image, call)) === 'members') return
    const name = this.#visited.name(image)
    throw new RepositoryRefusal({
      code: 'repository/not-private',
      what:
        staged === 'there'
          ? `${name} is public already: anybody can pull what is there`
          : `anybody can pull ${name}: what is staged there would be public at once`,
      where: `${this.#visited.client.origin}${this.#visited.path(image, 'tags/list')}`,
      next: `${staged === 'there' ? 'Delete it in Deploy > Container registry of its project. Then set' : 'Nothing was uploaded. Set'} ${setting}`,
    })
  }

  async #of(image: string, call: Call): Promise<'everybody' | 'members'> {
    for (let other = this.#asked.get(image); other !== undefined; other = this.#asked.get(image)) {
      try {
        return await other.who
      } catch (error) {
        // Another caller was stopped, which is not an answer for this one.
        if (!other.signal.aborted) throw error
      }
    }
    const who = this.#ask(image, call).catch((error: unknown) => {
      this.#asked.delete(image)
      throw error
    })
    this.#asked.set(image, { who, signal: call.signal })
    return who
  }

  async #ask(image: string, call: Call): Promise<'everybody' | 'members'> {
    try {
      // GitLab gives visitors no token for an image that they may not pull, whether it exists or not.
      await expectTagsShown(this.#visited, image, call)
      return 'everybody'
    } catch (error) {
      if (isRefusal(error)) return 'members'
      throw error
    }
  }
}

const setting =
  'Settings > General > Visibility, project features, permissions > Container registry to Only Project Members, or stage in a private project.'
