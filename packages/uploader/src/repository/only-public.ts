import type { PublicRepository, StagingRepository } from './capabilities.js'

/** What publishing is given: the named methods and no other, so that whatever else a repository can do is really gone. */
export function onlyPublic(repository: StagingRepository | PublicRepository): PublicRepository {
  return {
    host: repository.host,
    observe: (at, call) => repository.observe(at, call),
    create: (item, body, call) => repository.create(item, body, call),
    ...(repository.read && { read: repository.read.bind(repository) }),
  }
}
