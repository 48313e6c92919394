import type { PublicRepository, StagingRepository } from '../contract/capabilities.js'

const methods = ['read', 'complete', 'list', 'copy', 'resolve', 'point', 'tags', 'referrers', 'attach'] as const

/** The repository that publishing gets: it has the named methods and no others. */
export function onlyPublic(repository: StagingRepository | PublicRepository): PublicRepository {
  // The cast: `bind` keeps each method's type, which a loop over names cannot express.
  const others = Object.fromEntries(
    methods.flatMap((name) => (repository[name] ? [[name, repository[name].bind(repository)]] : [])),
  ) as Pick<PublicRepository, (typeof methods)[number]>
  return {
    host: repository.host,
    observe: (at, call) => repository.observe(at, call),
    create: (item, body, call) => repository.create(item, body, call),
    ...others,
  }
}
