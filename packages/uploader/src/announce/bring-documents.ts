import { fileOf, type Outcome, type ReleaseManifest, type Sha256 } from '@stagegate/schema'
import { stopOf } from '../contract/problem.js'
import { type Ports, repositoryNamed } from '../ports.js'
import { deliverAll } from '../verb/deliver-all.js'
import { filesTo, type NamedFile } from '../verb/deliver-files.js'
import { announceError, reasonOf, type Trouble } from './trouble.js'

/** A file that is there now. */
export interface Brought {
  readonly name: string
  readonly sha256: Sha256
  readonly location: string
}

/**
 * Uploads the documents next to the files, like any other file: looked at, created, confirmed, and nothing replaced.
 * @throws {GateError} different ones are there
 * @throws {StagegateError} one is missing, or its state is unknown
 */
export async function bringDocuments(
  documents: readonly NamedFile[],
  manifest: ReleaseManifest,
  { repository: name, ...ports }: Ports & { readonly repository: string },
): Promise<readonly Brought[]> {
  const repositories = new Map([[name, repositoryNamed(ports, name, 'create')]])
  const arrivals = await deliverAll(filesTo(documents, { repositories }), ports)
  if (ports.signal?.aborted) throw stopOf(ports.signal.reason)
  const brought = arrivals.map(({ outcome, location }) => {
    const isThere = outcome.verdict === 'published' || outcome.verdict === 'already-public'
    return isThere && location !== undefined ? { name: outcome.target, sha256: outcome.expected.sha256, location } : troubleOf(outcome)
  })
  const troubles = brought.filter((one) => 'is' in one)
  if (troubles.length > 0) throw announceError(troubles, manifest)
  return brought.filter((one) => 'location' in one)
}

function troubleOf({ verdict, coordinates, destination, problem }: Outcome): Trouble {
  const what = `${fileOf(coordinates)} in ${destination.repository}`
  const is = verdict === 'conflict' ? 'other' : verdict === 'undetermined' ? 'unknown' : 'refused'
  return { is, what, ...(problem === undefined ? { because: 'a different file is there' } : reasonOf(problem)) }
}
