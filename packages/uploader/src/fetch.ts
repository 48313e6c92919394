import { createWriteStream } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileOf, type Origin, type ReleaseManifest } from '@stagegate/schema'
import { artifactsOf } from './artifact.js'
import { admit } from './gate.js'
import type { Ports } from './ports.js'
import type { RecordStore } from './records/record-store.js'
import { complete, stagingNamed } from './run.js'
import { fanOut } from './transfer/fan-out.js'
import { withDeadline } from './transfer/look.js'

export interface FetchOptions extends Ports {
  /** @default all */
  readonly targets?: readonly string[] | undefined
  readonly origin: Origin
  /** The folder that the packages are put into, each target in its own: `TARGET/FILE`. */
  readonly to: string
  readonly records?: RecordStore | undefined
}

export interface Fetched {
  readonly target: string
  readonly path: string
}

/**
 * Brings the sealed artifacts from staging to a folder, for a deployment to install: exactly the bytes that will be
 * published, verified by digest. A file is there whole or not at all.
 *
 * @throws {GateError} a manifest of another pipeline, altered, or past its hold
 * @throws {ContentMismatch} staging has other bytes than were sealed
 * @throws {NotThere} staging lost them
 */
export async function fetchStaged(manifest: ReleaseManifest, options: FetchOptions): Promise<readonly Fetched[]> {
  const { clock, limits, signal } = complete(options)
  const artifacts = artifactsOf(manifest, options.targets)
  await admit(manifest, { origin: options.origin, now: clock.now(), records: options.records })
  const fetched: Fetched[] = []
  for (const { target, artifact } of artifacts) {
    const folder = join(options.to, ...target.split('/').map(encodeURIComponent))
    const path = join(folder, basename(fileOf(artifact.coordinates)))
    await mkdir(folder, { recursive: true })
    await withDeadline(clock, limits.sendTimeout, signal, async (call) => {
      const source = await stagingNamed(options, artifact.repository).read(artifact.location, call)
      const fan = fanOut(source, artifact.content, 1)
      try {
        for (const body of fan.bodies) await pipeline(body.stream(), createWriteStream(`${path}.part`))
        await fan.done
        await rename(`${path}.part`, path)
      } finally {
        await rm(`${path}.part`, { force: true })
      }
    })
    fetched.push({ target, path })
  }
  return fetched
}
