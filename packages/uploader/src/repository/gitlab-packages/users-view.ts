import type { Readable } from 'node:stream'
import type { Coordinates } from '@stagegate/schema'
import type { Body, Call, Item, Observation, Served, Sink, Source, Written } from '../../contract/capabilities.js'
import type { Audience } from './audience.js'
import type { GitlabPackages } from './gitlab-packages.js'

/**
 * The packages as users see them: as visitors, if visitors see them; otherwise as members, whose jobs all have a token. If visitors see
 * them, no token is sent.
 */
export class UsersView implements Source, Sink, Served {
  readonly host: string
  readonly #audience: Audience
  readonly #views: Readonly<Record<'everybody' | 'members', GitlabPackages>>

  /** The same packages, opened without a token for `everybody`, and with a job's for `members`. */
  constructor(audience: Audience, views: Readonly<Record<'everybody' | 'members', GitlabPackages>>) {
    this.host = views.everybody.host
    this.#audience = audience
    this.#views = views
  }

  async observe(at: Coordinates, call: Call): Promise<Observation> {
    return (await this.#view(call)).observe(at, call)
  }

  async create(item: Item, body: Body, call: Call): Promise<Written> {
    return (await this.#view(call)).create(item, body, call)
  }

  async read(location: string, call: Call): Promise<Readable> {
    return (await this.#view(call)).read(location, call)
  }

  async served(at: Coordinates, call: Call): Promise<Readable | undefined> {
    const { everybody, members } = this.#views
    // Asked first: a private project may allow everybody to download although only members see the list.
    const stream = await everybody.served(at, call)
    if (stream !== undefined || (await this.#audience.is(call)) === 'everybody') return stream
    // If the job may not see a project, the list is refused. A download would only look like a missing file.
    const seen = await members.observe(at, call)
    return seen.saw === 'absent' ? undefined : members.read(seen.location, call)
  }

  async #view(call: Call): Promise<GitlabPackages> {
    return this.#views[await this.#audience.is(call)]
  }
}
