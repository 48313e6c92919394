import { parseUrl, UsageError } from '@stagegate/schema'
import { isLoopback, parseOrigin } from './origin.js'

/** The proxy that an address is reached through; `undefined` where it is reached directly. */
export type ProxyFor = (url: URL) => URL | undefined

export const noProxy: ProxyFor = () => undefined

/**
 * Reads the usual variables, in lower case or upper case (the former first, as curl reads them): `HTTPS_PROXY` and `HTTP_PROXY`
 * by the address's scheme, `ALL_PROXY` for both; `NO_PROXY` lists hosts that are reached directly. This machine always is.
 *
 * @param allowed the names that may be heeded; NO_PROXY only ever takes a proxy out
 * @throws {UsageError} a proxy that is no http or https address; its value is not repeated, since it may hold a password
 */
export function proxyFrom(variables: Readonly<Record<string, string | undefined>>, allowed: readonly string[]): ProxyFor {
  const named = (name: string): URL | undefined => {
    for (const variable of [name.toLowerCase(), name]) {
      const value = variables[variable]?.trim()
      if (value !== undefined && value !== '' && allowed.includes(variable)) return parseProxy(value, `the variable ${variable}`)
    }
    return undefined
  }
  const all = named('ALL_PROXY')
  const proxies: Readonly<Record<string, URL | undefined>> = { 'https:': named('HTTPS_PROXY') ?? all, 'http:': named('HTTP_PROXY') ?? all }
  const direct = directHosts(variables['no_proxy'] ?? variables['NO_PROXY'] ?? '')
  return (url) => (isLoopback(url.hostname) || direct(url) ? undefined : proxies[url.protocol])
}

/**
 * Proxies that a program names: one for every server but this machine, or one for each origin.
 *
 * @throws {UsageError} a proxy that is no http or https address, whose value is not repeated; an origin that is none
 */
export function proxyNamed(proxy: string | Readonly<Record<string, string>>): ProxyFor {
  if (typeof proxy === 'string') {
    const all = parseProxy(proxy, 'the option proxy')
    return ({ hostname }) => (isLoopback(hostname) ? undefined : all)
  }
  const proxies = new Map(
    Object.entries(proxy).map(([origin, address]) => {
      const { origin: name } = parseOrigin(origin, true)
      return [name, parseProxy(address, `the option proxy, for ${name},`)]
    }),
  )
  return ({ origin }) => proxies.get(origin)
}

function parseProxy(value: unknown, whose: string): URL {
  // `proxy.example:3128` is how many write it; curl takes http then.
  const url = typeof value === 'string' ? parseUrl(/^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`) : undefined
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.hostname !== '' && decodable(url)) return url
  throw new UsageError({
    code: 'usage/proxy',
    what: `${whose} is not the address of an http or https proxy`,
    next: 'Write it like http://proxy.example:3128, or http://user:password@proxy.example:3128 with characters such as @ percent-encoded.',
  })
}

function decodable({ username, password }: URL): boolean {
  try {
    return decodeURIComponent(username + password) !== undefined
  } catch {
    return false
  }
}

/** `example.com` and `.example.com` stand for the host and all below it, with `:port` for that port alone; `*` for every host. */
function directHosts(list: string): (url: URL) => boolean {
  const entries = list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .map((entry) => /^(\[[^\]]*\]|[^:]*|.*:.*:.*?)(?::(\d+))?$/.exec(entry) ?? [])
  return ({ hostname, port, protocol }) => {
    const asked = port === '' ? (protocol === 'https:' ? '443' : '80') : port
    return entries.some(([, host = '', only]) => (only === undefined || only === asked) && covers(host, hostname))
  }
}

function covers(entry: string, hostname: string): boolean {
  if (entry === '*') return true
  const suffix = entry.replace(/^\*?\./, '')
  const bare = hostname.replace(/^\[|\]$/g, '')
  return suffix !== '' && (bare === suffix.replace(/^\[|\]$/g, '') || bare.endsWith(`.${suffix}`))
}
