import { parseUrl, UsageError } from '@stagegate/schema'

/**
 * The scheme, host and port that a client is bound to, such as `https://packages.example:8443`.
 *
 * @throws {UsageError} anything else in it, or plain http to another machine that was not asked for
 */
export function parseOrigin(text: string, insecure: boolean): URL {
  const url = parseUrl(text)
  if (
    url === undefined ||
    !/^https?:$/.test(url.protocol) ||
    url.username + url.password + url.search + url.hash !== '' ||
    url.pathname !== '/'
  ) {
    // Another text stays out of the message: a password may stand in it, or be it.
    const where = url === undefined || url.host === '' ? relative(text) : `${url.protocol}//${url.host}`
    throw new UsageError({
      code: 'usage/origin',
      what: 'expected an origin: http or https, a host, an optional port, and nothing else',
      where,
      next: 'Write it like https://packages.example, and pass credentials through variables.',
    })
  }
  if (!isProtected(url, insecure)) {
    throw new UsageError({
      code: 'usage/insecure-origin',
      what: 'expected https: over plain http the credential and the bytes can be read and changed on the way',
      where: url.origin,
      next: 'Use https: plain http is allowed only for this machine.',
    })
  }
  return url
}

/** An address that lacks its scheme, or its host: `packages.example/path`, `/path`. */
function relative(text: unknown): string | undefined {
  return typeof text === 'string' && text.length <= 60 && /^[a-z0-9-]*(?:[.:/]+[a-z0-9-]*)+$/.test(text) ? text : undefined
}

/** True where nobody on the way can read along: https, or this very machine, or it was asked for. */
export function isProtected(url: URL, insecure: boolean): boolean {
  return url.protocol === 'https:' || insecure || isLoopback(url.hostname)
}

export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname)
}

/**
 * The address of a path on an origin.
 *
 * @throws {UsageError} a path that leads to another host, as `//host/path` does
 */
export function resolvePath(origin: URL, path: string): URL {
  const url = path.startsWith('/') ? parseUrl(path, origin) : undefined
  if (url?.origin === origin.origin) return url
  throw new UsageError({ code: 'usage/path', what: 'expected a path on this origin, beginning with one slash', where: origin.origin })
}
