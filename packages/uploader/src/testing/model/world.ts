import { Readable } from 'node:stream'
import type { Outcome, PlannedDestination, ReleaseManifest } from '@stagegate/schema'
import { expect } from 'vitest'
import type { Call, Item, PublicRepository, StagingRepository } from '../../contract/capabilities.js'
import { deliverAll } from '../../verb/deliver-all.js'
import { deliverFiles, filesTo } from '../../verb/deliver-files.js'
import { publish } from '../../verb/publish.js'
import { acmeAt, itemOf, manifestOf, originOf, placeOf, planOf, sampleBytes } from '../fixtures.js'
import { type Meanwhile, Run } from './run.js'
import { Server, type Traits } from './server.js'
import { numbers, virtualTime } from './time.js'

export interface Shape {
  readonly staging: Traits
  readonly publics: readonly Traits[]
  readonly artifacts: readonly { readonly size: number; readonly distribution: string; readonly file: string }[]
  readonly concurrency: number
  /** Through which verb: of a job, from a manifest, or of a program, without one. */
  readonly door: 'publish' | 'release'
  /** Of the moments that answers take, and of the jitter of waits. */
  readonly seed: number
}

const nothing = Buffer.alloc(0)
const origin = originOf(planOf())
const made = new Map<string, { readonly data: Buffer; readonly item: Item }>()
/** An artifact: other bytes for each. */
function artifactFor(index: number, { size, distribution, file }: Shape['artifacts'][number]) {
  const key = `${index} ${size} ${distribution} ${file}`
  const known = made.get(key)
  if (known !== undefined) return known
  const data = sampleBytes(size, index + 1)
  const artifact = { data, item: itemOf(data, { ...acmeAt, distribution, file }) }
  made.set(key, artifact)
  return artifact
}

/** A release, the staging repository where it waits, and the public ones where it is to go. */
export class World {
  readonly staging: Server
  readonly publics: readonly Server[]
  readonly items: readonly Item[]
  readonly violations: string[] = []
  readonly #manifest: ReleaseManifest
  readonly #destinations: readonly PlannedDestination[]
  readonly #sealed = new Map<string, Buffer>()
  readonly #concurrency: number
  readonly #door: Shape['door']
  readonly #random: () => number

  constructor({ staging, publics, artifacts, concurrency, door, seed }: Shape) {
    this.#random = numbers(seed)
    this.#door = door
    this.#concurrency = concurrency
    this.items = artifacts.map((artifact, index) => {
      const { data, item } = artifactFor(index, artifact)
      this.#sealed.set(placeOf(item.coordinates), data)
      return item
    })
    const parts = { random: this.#random, sealed: (place: string) => this.sealedAt(place) }
    this.staging = new Server({ name: 'staging', role: 'staging', traits: { ...staging, reads: true }, ...parts })
    this.publics = publics.map((traits, index) => new Server({ name: `public ${index}`, role: 'public', traits, ...parts }))
    this.#destinations = this.publics.map(({ name }) => ({ repository: name, advisory: false }))
    this.#manifest = manifestOf(this.items, { destinations: [...this.#destinations] })
  }

  get servers(): readonly Server[] {
    return [this.staging, ...this.publics]
  }

  sealedAt(place: string): Buffer {
    return this.#sealed.get(place) ?? nothing
  }

  bytesOf({ coordinates }: Item): Buffer {
    return this.sealedAt(placeOf(coordinates))
  }

  /** A process. Each has manners of its own. */
  run(meanwhile: readonly Meanwhile[] = []): Run {
    // An artifact's own places at one host may be more than the limit.
    return new Run(meanwhile, Math.max(this.#concurrency, this.publics.length), this.violations)
  }

  async stage(run: Run): Promise<readonly Outcome[]> {
    const repository = this.staging.for(run)
    const arrivals = await deliverAll(
      this.items.map((item, index) => ({
        is: 'package' as const,
        target: `target ${index}`,
        item,
        open: async () => Readable.from([this.bytesOf(item)]),
        destinations: [{ plan: { repository: 'staging', advisory: false }, repository, item }],
      })),
      this.#ports(run),
    )
    return arrivals.map(({ outcome }) => outcome)
  }

  async publish(run: Run, targets?: readonly number[]): Promise<readonly Outcome[]> {
    const repositories = new Map<string, StagingRepository | PublicRepository>(this.servers.map((server) => [server.name, server.for(run)]))
    const named = targets?.map((index) => `target ${index}`)
    const { outcomes } =
      this.#door === 'release'
        ? await this.#release(run, named)
        : await publish(this.#manifest, { origin, targets: named, ...this.#ports(run), repositories })
    // Statement 5: an outcome for each, in their order, and each told once.
    const wanted = this.#manifest.targets
      .filter(({ target }) => named?.includes(target) ?? true)
      .flatMap(({ target }) => this.#destinations.map(({ repository }) => `${target} to ${repository}`))
    expect(outcomes.map(({ target, destination }) => `${target} to ${destination.repository}`)).toEqual(wanted)
    const told = run.events.flatMap((event) => (event.event === 'verdict' ? [event.outcome] : []))
    expect(told).toHaveLength(outcomes.length)
    expect(told).toEqual(expect.arrayContaining([...outcomes]))
    return outcomes
  }

  /** The part of `release` that comes after all files are known. */
  async #release(run: Run, targets: readonly string[] | undefined): Promise<{ readonly outcomes: readonly Outcome[] }> {
    const staging = this.staging.for(run)
    const files = this.items.map((item, index) => ({
      path: `target ${index}`,
      item,
      from: staging.host ?? 'staging',
      open: (call: Call) => staging.read(placeOf(item.coordinates), call),
    }))
    const ports = { ...this.#ports(run), repositories: new Map(this.publics.map((server) => [server.name, server.for(run)])) }
    const wanted = files.filter(({ path }) => targets?.includes(path) ?? true)
    const outcomes = await deliverFiles(filesTo(wanted, ports), ports)
    return {
      outcomes: outcomes.map(({ path: target, repository, ...outcome }) => ({
        target,
        destination: { repository, advisory: false },
        ...outcome,
      })),
    }
  }

  #ports(run: Run) {
    return {
      clock: virtualTime.clock,
      repositories: new Map(),
      signal: run.controller.signal,
      random: this.#random,
      limits: { concurrency: this.#concurrency },
      onEvent: (event: Run['events'][number]) => {
        run.events.push(event)
        run.point()
      },
    }
  }
}
