import type { PublicRepository, StagingRepository } from '../contract/capabilities.js'
import type { Hosts } from './host.js'

type Repository = StagingRepository | PublicRepository

const carried = new WeakMap<Repository, Hosts>()

/** The verbs use these hosts for the repository, so that a program does not give them twice. */
export function carry(repository: Repository, hosts: Hosts): void {
  carried.set(repository, hosts)
}

/** For each server the hosts of its repository, otherwise those of the run. */
export function hostsOf(repositories: Iterable<Repository>, own: Hosts): Pick<Hosts, 'of'> {
  const byName = new Map<string, Hosts>()
  for (const repository of repositories) {
    const hosts = carried.get(repository)
    if (hosts !== undefined && repository.host !== undefined) byName.set(repository.host, hosts)
  }
  return byName.size === 0 ? own : { of: (name) => (byName.get(name) ?? own).of(name) }
}
