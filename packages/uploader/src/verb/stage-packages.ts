import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import { type Coordinates, type PlannedTarget, type StagingRecord, UsageError } from '@stagegate/schema'
import type { Item } from '../contract/capabilities.js'
import { readDigest } from '../contract/read-digest.js'
import { contradictions } from '../package/contradictions.js'
import type { PackageIdentity } from '../package/identity.js'
import { inspectPackage } from '../package/inspect.js'
import { otherVersions } from './other-versions.js'
import { stageBuilt } from './stage-built.js'
import type { Staging } from './staging.js'

type PackageTarget = PlannedTarget['what'] & { readonly type: 'package' }

/** Uploads a target's packages. Their names come from their own metadata, never from their file names. */
export function stagePackages(staging: Staging, what: PackageTarget): Promise<StagingRecord> {
  return stageBuilt(staging, {
    patterns: what.files,
    itemOf: (path) => itemOf(path, staging.target, what),
    warningsOf: (items) => otherVersions(staging, what, items),
    twice: { code: 'usage/same-package-twice', next: 'Exclude one of them from the target.' },
  })
}

async function itemOf(path: string, target: PlannedTarget, { distribution, architecture }: PackageTarget): Promise<Item> {
  const identity = await inspectPackage(path)
  const wrong = contradictions(identity, { ...(distribution && { distribution }), ...(architecture && { architecture }) }, basename(path))
  if (wrong.length > 0) {
    const what = wrong.map(({ message }) => message).join('\n')
    throw new UsageError({
      code: wrong[0]?.code ?? 'package/contradiction',
      what,
      where: path,
      next: `Nothing of ${target.id} was staged.`,
    })
  }
  if (distribution === undefined)
    throw new UsageError({
      code: 'usage/distribution',
      what: `the plan does not say which distribution ${target.id} is for`,
      next: 'Give the target a distribution, and synth again.',
    })
  return {
    coordinates: coordinatesOf(identity, distribution),
    content: await readDigest(createReadStream(path, { highWaterMark: 256 * 1024 })),
  }
}

/** The place of a package in a distribution, from the package's own metadata. */
export function coordinatesOf(
  { format, name, version, architecture, canonicalFile: file }: PackageIdentity,
  distribution: string,
): Coordinates {
  return { format, distribution, architecture, name, version, file }
}
