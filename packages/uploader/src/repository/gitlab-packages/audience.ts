import type { Call } from '../../contract/capabilities.js'
import type { GitlabApi } from '../../gitlab/gitlab-api.js'
import { ProjectPackages } from '../../gitlab/project-packages.js'
import { refusalWith } from '../../gitlab/refusal.js'

/** Finds out who sees the packages of a project. GitLab is asked once; an error is not an answer, so the next caller asks again. */
export class Audience {
  readonly #packages: ProjectPackages
  #asked: Promise<'everybody' | 'members'> | undefined

  /** `visitors`: GitLab without a token. `project`: the path. */
  constructor(visitors: GitlabApi, project: string) {
    this.#packages = new ProjectPackages(visitors, project)
  }

  /** @throws {StagegateError} GitLab does not say */
  is(call: Call): Promise<'everybody' | 'members'> {
    this.#asked ??= this.#ask(call).catch((error: unknown) => {
      this.#asked = undefined
      throw error
    })
    return this.#asked
  }

  async #ask(call: Call): Promise<'everybody' | 'members'> {
    try {
      await this.#packages.find('-', '-', call)
      return 'everybody'
    } catch (error) {
      refusalWith([401, 403, 404], error)
      return 'members'
    }
  }
}
