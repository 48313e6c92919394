import type { Call } from '../../contract/capabilities.js'
import { RepositoryRefusal } from '../../contract/refusal.js'
import { isRefusal } from './answers.js'
import { expectTagsShown } from './lists.js'
import type { Site } from './site.js'

type Asked = { readonly who: Promise<'everybody' | 'members'>; readonly signal: AbortSignal }

/** Who may pull the images of a registry. It is asked once for each image; trouble is no answer, and the next one asks again. */
export class Audience {
  readonly #visited: Site
  readonly #asked = new Map<string, Asked>()

  /** `visited`: the registry without an account. */
  constructor(visited: Site) {
    this.#visited = visited
  }

  /**
   * @param staged whether something of the image is there, or about to be sent
   * @throws {RepositoryRefusal} `repository/not-private`: anybody may pull it
   * @throws {StagegateError} the registry does not tell
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
        // That the one who asked was told to stop is no answer for us.
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
      // GitLab gives visitors no token for an image that they may not pull, whether it is there or not.
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
