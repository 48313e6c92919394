import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import {
  type Coordinates,
  digestOf,
  type Instant,
  instant,
  later,
  type Origin,
  type PackageCoordinates,
  type PlannedDestination,
  type PlannedTarget,
  parseReleasePlan,
  type ReleaseManifest,
  type ReleasePlan,
  type StagingRecord,
  seconds,
} from '@stagegate/schema'
import { onTestFinished } from 'vitest'
import type { Body, Call, Item } from '../contract/capabilities.js'
import { contentOf } from './bytes.js'
import { placeOf } from './memory-repository.js'
import { type DebOptions, makeDeb } from './packages/index.js'
import { virtualClock } from './virtual-clock.js'

export { bytesOf, contentOf, sampleBytes } from './bytes.js'
export { type MemoryRepository, memoryRepository, placeOf } from './memory-repository.js'
export { type VirtualClock, virtualClock } from './virtual-clock.js'

/** A folder that is gone after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'stagegate-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

export const acmeAt: PackageCoordinates = {
  format: 'deb',
  distribution: 'ubuntu/jammy',
  architecture: 'amd64',
  name: 'acme',
  version: '1.2.3',
  file: 'acme_1.2.3_amd64.deb',
}

export function itemOf(data: Uint8Array, coordinates: Coordinates = acmeAt): Item {
  return { coordinates, content: contentOf(data) }
}

/** A call that has a minute. */
export function soon(signal: AbortSignal = new AbortController().signal): Call {
  return { signal, deadline: instant(Date.now() + 60_000) }
}

/** A body as the engine makes them, of bytes that are right. */
export function bodyOf(data: Uint8Array): Body {
  return { content: contentOf(data), stream: () => Readable.from([Buffer.from(data)]) }
}

export const stable: PlannedDestination = { repository: 'stable', advisory: false }

export function plannedTarget(id: string, overrides: Partial<PlannedTarget> = {}): PlannedTarget {
  return {
    id,
    optional: false,
    what: { type: 'package', files: ['dist/*'], distribution: id, architecture: 'amd64' },
    verify: 'http',
    jobs: {
      build: `build: [${id}]`,
      stage: `stage: [${id}]`,
      seal: 'seal: [acme]',
      publish: `publish: [${id}]`,
      verify: `verify: [${id}]`,
    },
    routes: { release: { staging: 'staging', public: [stable] }, branch: { public: [] } },
    ...overrides,
  }
}

const directoryRepository = (role: 'staging' | 'public', path: string) => ({
  role,
  type: 'directory',
  origin: '',
  settings: { path },
  credentials: { read: [], write: [] },
})

/** A product for three distributions, the last one optional. */
export function planOf(targets: readonly PlannedTarget[] = defaultTargets): ReleasePlan {
  const plan: ReleasePlan = {
    apiVersion: 'stagegate/v1',
    kind: 'ReleasePlan',
    generator: 'a test',
    project: { url: 'https://gitlab.example' },
    records: { type: 'directory', path: '.stagegate/seals' },
    allowedVariables: [],
    kinds: {
      release: {
        when: { fact: 'tag', operator: '=~', operand: '^v\\d+\\.\\d+\\.\\d+$' },
        version: { tag: '^v(\\d+\\.\\d+\\.\\d+)$' },
        publishes: true,
      },
      branch: { when: { fact: 'branch', operator: '!=', operand: null }, version: null, publishes: false },
    },
    repositories: { staging: directoryRepository('staging', 'staging'), stable: directoryRepository('public', 'public') },
    releases: [
      { id: 'acme', hold: seconds(14 * 86_400), approval: 'each', jobs: { seal: 'seal: [acme]' }, targets: [...targets], deployments: [] },
    ],
  }
  return parseReleasePlan(JSON.stringify(plan), 'the test’s plan')
}

const defaultTargets = [plannedTarget('ubuntu/jammy'), plannedTarget('debian/bookworm'), plannedTarget('ubuntu/noble', { optional: true })]

export function originOf(plan: ReleasePlan, overrides: Partial<Origin> = {}): Origin {
  return {
    rehearsal: false,
    instance: 'https://gitlab.example',
    project: { id: 7, path: 'acme/acme' },
    pipeline: 100,
    job: { id: 1, name: 'a job' },
    commit: 'a'.repeat(40),
    ref: { tag: 'v1.2.3' },
    pipelineKind: 'release',
    plan: digestOf(plan),
    ...overrides,
  }
}

/** A manifest of artifacts that lie in `staging`, each in a target of its own, and go to these destinations. */
export function manifestOf(
  artifacts: readonly Item[],
  options: { destinations?: PlannedDestination[]; origin?: Origin; expiresAt?: Instant } = {},
): ReleaseManifest {
  return {
    apiVersion: 'stagegate/v1',
    kind: 'ReleaseManifest',
    origin: options.origin ?? originOf(planOf()),
    release: 'acme',
    version: '1.2.3',
    targets: artifacts.map((item, index) => ({
      target: `target ${index}`,
      record: contentOf(Buffer.from(`record ${index}`)).sha256,
      artifacts: [{ ...item, repository: 'staging', location: placeOf(item.coordinates) }],
      destinations: options.destinations ?? [stable],
    })),
    absent: [],
    sealedAt: instant(Date.parse('2026-01-31T11:00:00.000Z')),
    expiresAt: options.expiresAt ?? instant(Date.parse('2026-02-14T11:00:00.000Z')),
  }
}

/** A real package in a folder: its path, and its bytes. */
export async function debFile(folder: string, options: Partial<DebOptions> = {}): Promise<{ path: string; data: Uint8Array }> {
  const { name = 'acme', version = '1.2.3', architecture = 'amd64' } = options
  const data = makeDeb({ ...options, name, version, architecture })
  const path = join(folder, `${name}_${version}_${architecture}_${contentOf(data).sha256.slice(0, 8)}.deb`)
  await writeFile(path, data)
  return { path, data }
}

/** What the stage job of a target wrote. */
export function recordOf(target: string, overrides: Partial<StagingRecord> = {}, of: ReleasePlan = planOf()): StagingRecord {
  const now = virtualClock().now()
  const item = itemOf(Buffer.from(target), { ...acmeAt, distribution: target })
  return {
    apiVersion: 'stagegate/v1',
    kind: 'StagingRecord',
    origin: originOf(of, { job: { id: 50, name: `stage: [${target}]` } }),
    release: 'acme',
    target,
    artifacts: [{ ...item, repository: 'staging', location: placeOf(item.coordinates) }],
    stagedAt: now,
    expiresAt: later(now, 30 * 86_400),
    ...overrides,
  }
}
