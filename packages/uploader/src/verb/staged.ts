import {
  checkReleaseManifest,
  describeCoordinates,
  describeProblem,
  GateError,
  type ReleaseManifest,
  type StagedArtifact,
  StagegateError,
} from '@stagegate/schema'
import { streamOf } from '../contract/call.js'
import { NotThere, type StagingRepository } from '../contract/capabilities.js'
import { problemOf, stopOf } from '../contract/problem.js'
import { readDigest } from '../contract/read-digest.js'
import { RepositoryError } from '../contract/repository-error.js'
import { afterLook, decide, type State, untried } from '../decide/decide.js'
import type { Ports } from '../ports.js'
import { repositoryOf, stagingNamed, withDefaults } from '../ports.js'
import { waitBefore } from '../transfer/limits.js'
import { lookInTurn } from '../transfer/look.js'
import { artifactsOf } from './artifact.js'

/** A few looks are enough: the job can be run again, and a version should not be used up because of a temporary problem. */
const looks = 3

/**
 * Checks that staging has the artifacts before the seal is recorded: a version is sealed once, and artifacts that staging has lost by then
 * could never be published under it. Repositories that were not given are not asked.
 *
 * @throws {GateError} an artifact is missing or different
 * @throws {RepositoryError} staging does not answer; unless the error is `final`, running it again can help
 * @throws {StagegateError} the run was stopped
 */
export async function expectStaged(given: ReleaseManifest, options: Ports): Promise<void> {
  const manifest = checkReleaseManifest(given)
  const asked = artifactsOf(manifest).filter(({ artifact }) => repositoryOf(options, artifact.repository) !== undefined)
  const found = await Promise.all(asked.map(async ({ target, artifact }) => ({ target, artifact, state: await see(artifact, options) })))
  const faults = found.flatMap(({ target, artifact, state }) => {
    const what = faultIn(state, artifact)
    return what === undefined
      ? []
      : [{ target, what, state, repository: artifact.repository, canPass: state.is === 'unknown' && !state.final }]
  })
  const [worst] = [...faults].sort((a, b) => Number(a.canPass) - Number(b.canPass))
  if (worst === undefined) return
  const others = faults.length === 1 ? '' : `, and ${faults.length - 1} more like it`
  const { state, repository, canPass } = worst
  const parts = {
    where: `the staged artifacts of ${worst.target}`,
    what: `${worst.what}${others}`,
    ...(canPass
      ? { code: 'staging/unknown', next: 'Nothing was sealed. Run the job again.' }
      : {
          code: 'gate/not-in-staging',
          next: 'Nothing was sealed, so the version is still unused. Run the stage jobs again, and find out why staging lost it. A directory inside a runner’s build folder is emptied before each job.',
        }),
  }
  if (state.is !== 'unknown') throw new GateError(parts)
  // A stopped run is nobody's fault.
  if (options.signal?.aborted) throw new StagegateError(parts)
  throw new RepositoryError({ ...parts, side: 'staging', repository, operation: 'observe', final: state.final, cause: state.cause })
}

function faultIn(state: State, { coordinates, repository }: StagedArtifact): string | undefined {
  const what = describeCoordinates(coordinates)
  switch (state.is) {
    case 'same':
      return undefined
    case 'absent':
      return `${what} is no longer in ${repository}`
    case 'different':
      return `${what} in ${repository} differs from what was staged`
    case 'unknown':
      // Present without a digest counts as present: the bytes are verified when they are read.
      return state.answered === true ? undefined : `${what} could not be checked in ${repository}: ${describeProblem(state.because)}`
  }
}

/** The state of an artifact in staging. Looks again while it is unknown. Never rejects. */
async function see(artifact: StagedArtifact, options: Ports): Promise<State> {
  const { coordinates, content, repository } = artifact
  const ports = withDefaults({ ...options, limits: { looks, ...options.limits } })
  const { clock, limits, random, signal, hosts } = ports
  const staging = viewOf(stagingNamed(options, repository), artifact)
  const sought = { repository: staging, item: { coordinates, content }, patient: true }
  const host = hosts.of(staging.host ?? repository)
  try {
    for (let history = untried; ; ) {
      const { state } = await lookInTurn(host, sought, () => undefined, ports)
      history = afterLook(history, state)
      const decision = decide({ seen: state, staged: 'unread', history }, limits, clock.now())
      if (decision.do !== 'look' || (state.is === 'unknown' && state.answered === true)) return state
      await clock.sleep(waitBefore(decision.attempt, limits, random), signal)
    }
  } catch (error) {
    // The run was stopped, or the host was given up.
    return { is: 'unknown', because: problemOf(signal.aborted ? stopOf(error) : error), cause: error, final: false }
  }
}

/** An image is found by the manifest that was staged, even if its tag in staging has moved. */
function viewOf(staging: StagingRepository, { coordinates, location }: StagedArtifact): StagingRepository {
  if (coordinates.format !== 'image') return staging
  return {
    host: staging.host,
    create: (item, body, call) => staging.create(item, body, call),
    read: (at, call) => staging.read(at, call),
    async observe(_at, call) {
      try {
        return { saw: 'present', ...(await readDigest(await streamOf(call, staging.read(location, call)))), location }
      } catch (error) {
        if (error instanceof NotThere) return { saw: 'absent' }
        throw error
      }
    },
  }
}
