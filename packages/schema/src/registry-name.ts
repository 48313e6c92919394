import { isImageName } from './image.js'

/** A registry, and where it answers. */
export interface RegistryName {
  /** Host and port, as people write them: `docker.io`. */
  readonly host: string
  /** The part before the images' names: `acme/tools`, or nothing. */
  readonly prefix: string
  /** Where the registry answers. Docker Hub does so under another name. */
  readonly origin: string
  /** Origins beside its own that issue its tokens, as far as they are known. */
  readonly realms: readonly string[]
}

/** A registry as people write it: `registry.example/acme`, `docker.io/acme`. `undefined` where the text is none. */
export function parseRegistryName(text: string): RegistryName | undefined {
  const [host = '', ...rest] = String(text).split('/')
  const prefix = rest.join('/')
  if (!/^[A-Za-z0-9.-]+(?::\d+)?$/.test(host) || (prefix !== '' && !isImageName(prefix))) return undefined
  if (host === 'docker.io') return { host, prefix, origin: 'https://registry-1.docker.io', realms: ['https://auth.docker.io'] }
  return { host, prefix, origin: `https://${host}`, realms: [] }
}
