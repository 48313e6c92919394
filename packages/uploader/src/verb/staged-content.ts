import { type Content, type Coordinates, describeCoordinates, fileOf, UsageError } from '@stagegate/schema'
import { streamOf } from '../contract/call.js'
import type { Call, StagingRepository } from '../contract/capabilities.js'
import { readDigest } from '../contract/read-digest.js'
import { placed } from '../contract/repository-error.js'
import { persevere } from '../image/persevere.js'
import { type Ports, tell, withDefaults } from '../ports.js'

export interface StagedContent {
  readonly content: Content
  readonly location: string
}

/**
 * The bytes that a staging repository has now: the digest that it reports, or else the result of reading them.
 * @throws {UsageError} if nothing is there
 * @throws {RepositoryError} if there was no clear answer
 */
export async function stagedContent(at: Coordinates, staging: StagingRepository, options: Ports): Promise<StagedContent> {
  const ports = withDefaults(options)
  const name = staging.host ?? 'staging'
  const asked = { host: ports.hosts.of(name), destination: { repository: 'staging', advisory: false }, timeout: ports.limits.sendTimeout }
  const emit: Parameters<typeof persevere>[1]['emit'] = (event) =>
    tell(options, { at: ports.clock.now(), target: fileOf(at), coordinates: at, content: undefined, ...event })
  let found: StagedContent | undefined
  try {
    found = await persevere(asked, { ...ports, emit }, (call) => contentAt(at, staging, call))
  } catch (cause) {
    throw placed(cause, { side: 'staging', repository: 'staging', operation: 'observe' })
  }
  if (found !== undefined) return found
  throw new UsageError({
    code: 'usage/not-staged',
    what: `there is no ${describeCoordinates(at)} in staging`,
    next: 'Check that it was uploaded, and that at() returns its place. Nothing was sent.',
  })
}

async function contentAt(at: Coordinates, staging: StagingRepository, call: Call): Promise<StagedContent | undefined> {
  const seen = await staging.observe(at, call)
  if (seen.saw === 'absent') return undefined
  const { sha256, size, location } = seen
  if (sha256 !== undefined && size !== undefined) return { content: { sha256, size }, location }
  return { content: await readDigest(await streamOf(call, staging.read(location, call))), location }
}
