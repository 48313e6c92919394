import { onTestFinished } from 'vitest'
import { temporaryFolder } from '../release/files.js'
import { type ProxyOptions, type RunningProxy, startTinyproxy } from '../tasks/servers.mjs'

/** Names that only the proxies of these tests know: a client that does not use one finds nobody there. */
const names = ['gitlab', 'packages', 'registry', 'issuer'].map((name) => `${name}.tests.example`)

/** The address of a server on this machine, under a name. */
export function named(name: string, url: string): string {
  return `https://${name}.tests.example:${new URL(url).port}`
}

export async function startProxy(options: ProxyOptions = {}): Promise<RunningProxy> {
  const proxy = await startTinyproxy(temporaryFolder(), { hosts: names, ...options })
  onTestFinished(() => proxy.stop())
  return proxy
}

/** What it was asked, a line each: method and target. */
export function askedOf(proxy: RunningProxy): readonly string[] {
  return [...proxy.log().matchAll(/Request \(file descriptor \d+\): (\S+ \S+)/g)].map(([, request = '']) => request)
}
