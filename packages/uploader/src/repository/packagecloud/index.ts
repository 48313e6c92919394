import { type JsonObject, UsageError } from '@stagegate/schema'
import { defineRepository } from '../define.js'
import { Packagecloud } from './packagecloud.js'
import { Site } from './site.js'

export interface PackagecloudSettings {
  /** `account/repository` */
  readonly repository: string
}

/** packagecloud.io and servers with its API. The first credential is the API token; without one, only public packages are visible. */
export const packagecloud = defineRepository<PackagecloudSettings>({
  type: 'packagecloud',
  formats: ['deb', 'rpm'],
  parse(settings: JsonObject): PackagecloudSettings {
    const { repository, ...rest } = settings
    if (typeof repository !== 'string' || !/^(?!\.{1,2}\/)[\w.-]+\/(?!\.{1,2}$)[\w.-]+$/.test(repository) || Object.keys(rest).length > 0) {
      throw new UsageError({
        code: 'usage/settings',
        what: 'a packagecloud repository has one setting: `repository`, such as acme/stable',
      })
    }
    return { repository }
  },
  open({ settings: { repository }, origin, access, credentials: [variable] }, environment) {
    const visitors = new Site(environment.http(origin), repository, undefined, environment.clock)
    if (variable === undefined) return new Packagecloud(repository, visitors, visitors)
    // A token is the user name; there is no password. The users of a private repository also have one, for reading.
    const client = environment.http(origin, { scheme: 'basic', username: { variable }, password: '' })
    const site = new Site(client, repository, variable, environment.clock)
    return new Packagecloud(repository, site, access === 'users' ? site : visitors)
  },
})
