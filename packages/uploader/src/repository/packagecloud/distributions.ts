import type { PackageCoordinates } from '@stagegate/schema'
import type { Call } from '../../contract/capabilities.js'
import type { Site } from './site.js'
import { Distributions, parseAnswer } from './wire.js'

/** A server's ids of its distributions: `237` for `ubuntu/jammy`. They differ between servers. */
export type DistributionIds = ReadonlyMap<PackageCoordinates['format'], ReadonlyMap<string, number>>

const path = '/api/v1/distributions.json'

/** Asks the server once, however many uploads wait for the answer, and again after a failure. */
export class DistributionTable {
  readonly #site: Site
  #asked: Promise<DistributionIds> | undefined

  constructor(site: Site) {
    this.#site = site
  }

  async ids(call: Call): Promise<DistributionIds> {
    while (this.#asked !== undefined) {
      try {
        return await this.#asked
      } catch {
        // The call of another caller failed, perhaps because it was cut short. This caller asks with its own.
        call.signal.throwIfAborted()
      }
    }
    const asking = this.#ask(call)
    this.#asked = asking
    try {
      return await asking
    } catch (error) {
      this.#asked = undefined
      throw error
    }
  }

  async #ask(call: Call): Promise<DistributionIds> {
    const { text } = await this.#site.get(path, call)
    const table = parseAnswer(Distributions, text, this.#site.where(path))
    const idsOf = (format: PackageCoordinates['format']) =>
      (table[format] ?? []).flatMap(({ index_name: distro, versions }) =>
        versions.flatMap(({ index_name: version, id }) =>
          distro === undefined || version === undefined ? [] : [[`${distro}/${version}`, id] as const],
        ),
      )
    return new Map([
      ['deb', new Map(idsOf('deb'))],
      ['rpm', new Map(idsOf('rpm'))],
    ])
  }
}

/** At most five known names that share a part with the unknown one, the most similar first. */
export function nearest(wanted: string, known: Iterable<string>): string[] {
  const [distro, version] = wanted.split('/')
  const alike = (name: string) => (name.endsWith(`/${version}`) ? 100 : 0) + commonStart(name, wanted)
  return [...known]
    .filter((name) => name.startsWith(`${distro}/`) || name.endsWith(`/${version}`))
    .sort((a, b) => alike(b) - alike(a) || (a < b ? -1 : 1))
    .slice(0, 5)
}

function commonStart(a: string, b: string): number {
  const different = [...a].findIndex((letter, index) => letter !== b[index])
  return different === -1 ? a.length : different
}
