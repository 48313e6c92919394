import { UsageError } from '@stagegate/schema'
import type { HttpClientOptions } from './client-options.js'
import type { ClientCertificate } from './connections.js'

/** @throws {UsageError} one of the two without the other */
export function certificateOf({ cert, key }: Pick<HttpClientOptions, 'cert' | 'key'>, origin: string): ClientCertificate | undefined {
  if (cert !== undefined && key !== undefined) return { cert, key, origin }
  if (cert === undefined && key === undefined) return undefined
  throw new UsageError({
    code: 'usage/client-certificate',
    what: `there is ${cert === undefined ? 'a key without its certificate' : 'a client certificate without its key'}`,
    where: origin,
    next: 'Pass both as PEM texts. Nothing was sent.',
  })
}
