import { readFileSync } from 'node:fs'
import * as tls from 'node:tls'

/** The certificate authorities that this process trusts of its own accord, as PEM texts. */
export function defaultAuthorities(): readonly string[] {
  // Since Node 22.15. The cast: the types are those of Node 20, and it was just looked for.
  if ('getCACertificates' in tls) return (tls as { getCACertificates(): readonly string[] }).getCACertificates()
  const extra = process.env['NODE_EXTRA_CA_CERTS']
  return [...tls.rootCertificates, ...(extra === undefined || extra === '' ? [] : textOf(extra))]
}

/** Where it cannot be read, Node has said so itself. */
function textOf(path: string): readonly string[] {
  try {
    return [readFileSync(path, 'utf8')]
  } catch {
    return []
  }
}
