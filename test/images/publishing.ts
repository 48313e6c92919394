import { bytes, type Content, type JsonObject, type Outcome, type PlannedRepository, type SealedTag, sha256 } from '@stagegate/schema'
import { type Publishing, type PublishingPorts, publishOne } from '../tasks/publishing.mjs'

/** A registry, and whose account it is asked with. */
export interface At {
  readonly url: string
  /** Before the image's name. */
  readonly prefix?: string | undefined
  /** `NAME:PASSWORD` */
  readonly account?: string | undefined
  readonly realms?: readonly string[] | undefined
  readonly pieceSize?: number | undefined
}

export interface What {
  /** `sha256:…` and size of what is staged. */
  readonly image: { readonly digest: string; readonly size: number }
  readonly from: At
  readonly to: readonly At[]
  readonly version?: string
  readonly tags?: readonly SealedTag[]
}

/** To publish `app`, staged under any tag, to each of these registries under its version. */
export function publishing({ image, from, to, version = '1.2.3', tags }: What): Publishing {
  const content: Content = { sha256: sha256(image.digest.replace('sha256:', '')), size: bytes(image.size) }
  const names = to.map((_, index) => `public-${index}`)
  const places = new Map<string, At>([['staging', from], ...to.map((at, index) => [`public-${index}`, at] as const)])
  return {
    artifact: {
      coordinates: { format: 'image', image: 'app', tag: 'staged' },
      content,
      location: `app/manifests/${image.digest}`,
    },
    repositories: Object.fromEntries([...places].map(([name, at]) => [name, planned(name, at)])),
    destinations: names,
    version,
    tags: tags ?? [{ tag: version, moves: false }],
    variables: Object.fromEntries(
      [...places].flatMap(([name, { account }]) => (account === undefined ? [] : [[variableOf(name), account.replace(/^[^:]*:/, '')]])),
    ),
  }
}

export async function publish(what: What, ports: Partial<PublishingPorts> = {}): Promise<readonly Outcome[]> {
  const { outcomes } = await publishOne(publishing(what), { ...ports, limits: { firstWait: 1, longestWait: 20, ...ports.limits } })
  return outcomes
}

function planned(name: string, { url, prefix, account, realms, pieceSize }: At): PlannedRepository {
  const credentials = account === undefined ? [] : [variableOf(name)]
  const settings: JsonObject = {
    ...(prefix !== undefined && { prefix }),
    ...(realms !== undefined && { realms: [...realms] }),
    ...(pieceSize !== undefined && { pieceSize }),
    ...(account !== undefined && { account: 'password', username: account.replace(/:.*$/, '') }),
  }
  return {
    role: name === 'staging' ? 'staging' : 'public',
    type: 'registry',
    origin: url,
    settings,
    credentials: { read: credentials, write: credentials },
  }
}

function variableOf(name: string): string {
  return `PASSWORD_${name.replace('-', '_').toUpperCase()}`
}
