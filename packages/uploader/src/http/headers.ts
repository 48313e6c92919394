import { validateHeaderName, validateHeaderValue } from 'node:http'
import { UsageError } from '@stagegate/schema'

/** @throws {UsageError} what node would refuse in the midst of the request */
export function sendable(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  for (const [name, value] of Object.entries(headers)) {
    try {
      validateHeaderName(name)
      validateHeaderValue(name, value)
    } catch {
      // The value stays out of the message: it may be a secret.
      throw new UsageError({ code: 'usage/header', what: `the header ${JSON.stringify(name)} has characters that cannot be sent` })
    }
  }
  return headers
}

const ours = new Set(['authorization', 'connection', 'cookie', 'expect', 'host', 'proxy-authorization', 'transfer-encoding', 'upgrade'])

/** Headers that a repository may set. Its Content-Length must repeat the body's size. */
export function allowed(headers: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const)
  const refused = entries.find(([name]) => ours.has(name))
  if (refused !== undefined) {
    throw new UsageError({
      code: 'usage/header',
      what: `only the client may set the header ${refused[0]}`,
      next: 'Give the client a credential instead.',
    })
  }
  return Object.fromEntries(entries.filter(([name]) => name !== 'content-length'))
}
