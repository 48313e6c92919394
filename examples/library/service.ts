// A service that releases for several tenants at once. They share its manners towards servers, and nothing else.
import { Hosts, type ProgramReceipt, packagecloud, packageIn, release, type TransferEvent } from '@stagegate/uploader'

interface Tenant {
  readonly name: string
  readonly version: string
  readonly repository: string
  readonly files: readonly string[]
  /** Fetches a token that lives for minutes; it is called before each request. */
  readonly token: () => Promise<string>
}

// One limit and one back-off clock for each server, whoever's release it is.
const hosts = new Hosts({ limits: { concurrency: 8 } })

export async function releaseFor(tenant: Tenant, log: (event: TransferEvent) => void, signal: AbortSignal): Promise<ProgramReceipt> {
  const { name, version, files, token } = tenant
  const stable = packagecloud(tenant.repository, { url: process.env['PACKAGES_URL'], token, hosts })
  return release({
    name,
    version,
    files,
    at: packageIn('ubuntu/jammy'),
    to: { stable },
    by: { service: 'releases', tenant: name },
    onEvent: log,
    signal,
  })
}
