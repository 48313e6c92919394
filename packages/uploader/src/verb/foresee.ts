import {
  type Content,
  type Coordinates,
  checkReleaseManifest,
  type Instant,
  type PlannedDestination,
  type Problem,
  type ReleaseManifest,
  type Sha256,
  type Verdict,
} from '@stagegate/schema'
import { expectCall } from '../contract/options.js'
import { type Decision, decide, type Staged, type State, untried } from '../decide/decide.js'
import { type ExitCode, exitCodeOf } from '../exit-code.js'
import { admit } from '../gate/gate.js'
import type { ImageDelivery } from '../image/deliver-image.js'
import { type ForeseenParts, type ForeseenSide, foreseeImage } from '../image/foresee-image.js'
import { repositoryNamed, stagingNamed, tell, withDefaults } from '../ports.js'
import type { Happening } from '../transfer/event.js'
import { type SoughtAtHost, see } from '../transfer/see.js'
import { coordinatesAt, destinedArtifactsOf } from './artifact.js'
import { deliveryOf, type PublishOptions, publishOptions } from './publish.js'

/** The forecast for one artifact at one destination. */
export interface Foreseen {
  /** The target's id in the plan. */
  readonly target: string
  /** The public repository, as the plan names it. */
  readonly destination: PlannedDestination
  /** Where it would be found there. */
  readonly coordinates: Coordinates
  /** The bytes that are sealed. */
  readonly expected: Content
  /** The verdict that publishing would have now. */
  readonly would: 'publish' | 'already-public' | 'conflict' | 'tampered' | 'missing' | 'fail' | 'unknown'
  /** The digest that the destination has, if it could be read. */
  readonly seen?: Sha256 | undefined
  /** Why it would fail, or why that is unknown. */
  readonly problem?: Problem | undefined
  /** For an image: how much of it is there, and where its tags would point. */
  readonly image?: ForeseenParts | undefined
  /** When the hold ends. */
  readonly expiresAt: Instant
}

const comesTrueAs: Readonly<Record<Foreseen['would'], Verdict>> = {
  publish: 'published',
  'already-public': 'already-public',
  conflict: 'conflict',
  tampered: 'tampered',
  missing: 'missing',
  fail: 'failed',
  unknown: 'undetermined',
}

const wouldBe: Readonly<Record<Verdict, Foreseen['would']>> = {
  published: 'publish',
  'already-public': 'already-public',
  conflict: 'conflict',
  tampered: 'tampered',
  missing: 'missing',
  failed: 'fail',
  undetermined: 'unknown',
}

/** The exit code that publishing would have. */
export function exitCodeOfForeseen(foreseen: readonly Foreseen[]): ExitCode {
  return exitCodeOf(foreseen.map(({ would, destination }) => ({ verdict: comesTrueAs[would], destination })))
}

type Ports = ReturnType<typeof withDefaults>
/**
 * Looks at staging and at the public repositories and reports what `publish` would do, by the same decision. Only reads, and retries like
 * `publish`. An image is found in staging by its sealed digest, even if its tag there has moved.
 * @throws as `publish` does
 */
export async function foresee(given: ReleaseManifest, options: PublishOptions): Promise<readonly Foreseen[]> {
  expectCall('foresee()', options, publishOptions)
  const ports = withDefaults(options)
  const manifest = checkReleaseManifest(given)
  const routes = destinedArtifactsOf(manifest, options.targets).map((sealed) => {
    const { target, artifact, destinations, tags } = sealed
    const { coordinates, content, repository } = artifact
    const staging = stagingNamed(options, repository)
    const source: SoughtAtHost = { repository: staging, host: staging.host ?? repository, item: { coordinates, content } }
    const views = destinations.map((destination) => {
      const there = repositoryNamed(options, destination.repository)
      const item = { coordinates: coordinatesAt(coordinates, destination, tags), content }
      return { destination, view: { repository: there, host: there.host ?? destination.repository, item } }
    })
    return { target, source, views, delivery: deliveryOf(sealed, manifest.version, options) }
  })
  await admit(manifest, { origin: options.origin, now: ports.clock.now(), approved: options.approved, records: options.records })
  const foreseen = routes.map(async ({ target, source, views, delivery }) => {
    if (delivery.is === 'image') return imageForeseen(delivery, manifest, options, ports)
    // Only artifacts that would be sent are looked up in staging, once: publishing does not read the others either.
    let staged: Promise<State> | undefined
    return Promise.all(
      views.map(async ({ destination, view }): Promise<Foreseen> => {
        const emit = (event: Happening) => tell(options, { at: ports.clock.now(), target, ...source.item, ...event })
        const outlook = new Outlook(destination, ports, emit)
        const stagedState = () => {
          staged ??= outlook.see(source)
          return staged
        }
        const { coordinates, content } = view.item
        const found = await outlook.foresee(view, stagedState)
        return { target, destination, coordinates, expected: content, ...found, expiresAt: manifest.expiresAt }
      }),
    )
  })
  return (await Promise.all(foreseen)).flat()
}

async function imageForeseen(
  delivery: ImageDelivery,
  { expiresAt }: ReleaseManifest,
  options: PublishOptions,
  ports: Ports,
): Promise<readonly Foreseen[]> {
  const { target, item } = delivery
  const { clock, limits } = ports
  const emit = (event: Happening) => tell(options, { at: clock.now(), target, ...item, ...event })
  const sides = await foreseeImage(delivery, {
    ...ports,
    emit,
    see: (destination, view) => new Outlook(destination, ports, emit).see(view),
    verdictOf: (there, staged) =>
      comesTrueAs[forecast(decide({ seen: there, staged: stagedAs(staged), history: untried }, limits, clock.now()))],
  })
  return sides.map(({ side, writes, parts }) => {
    const { plan, at } = side.destination
    const would = outlookOf(side, writes)
    const problem = side.stopped?.problem
    return {
      target,
      destination: plan,
      coordinates: at,
      expected: item.content,
      would,
      ...(side.saw === 'different' && side.seen !== undefined && { seen: side.seen }),
      ...(problem && { problem }),
      ...(parts && { image: parts }),
      expiresAt,
    }
  })
}

function outlookOf({ stopped, saw }: ForeseenSide['side'], writes: boolean): Foreseen['would'] {
  if (stopped !== undefined) return wouldBe[stopped.verdict]
  if (saw === 'different') return 'conflict'
  return writes ? 'publish' : 'already-public'
}

/** Follows one artifact to one destination and stops before anything would be sent. */
class Outlook {
  readonly #destination: PlannedDestination
  readonly #ports: Ports
  readonly #emit: (event: Happening) => void

  constructor(destination: PlannedDestination, ports: Ports, emit: (event: Happening) => void) {
    this.#destination = destination
    this.#ports = ports
    this.#emit = emit
  }

  async foresee(view: SoughtAtHost, stagedState: () => Promise<State>): Promise<Pick<Foreseen, 'would' | 'seen' | 'problem'>> {
    const { clock, limits } = this.#ports
    const state = await this.see(view)
    this.#emit({ event: 'observed', destination: this.#destination, state: state.is })
    const source = state.is === 'absent' ? await stagedState() : undefined
    const problem = [state, source].find((one) => one?.is === 'unknown')
    return {
      would: forecast(decide({ seen: state, staged: stagedAs(source), history: untried }, limits, clock.now())),
      ...(state.is === 'different' && { seen: state.sha256 }),
      ...(problem?.is === 'unknown' && { problem: problem.because }),
    }
  }

  see(view: SoughtAtHost): Promise<State> {
    return see(view, { ...this.#ports, emit: this.#emit, destination: this.#destination })
  }
}

/** Nothing was tried, so an unknown state stays unknown, and `decide` returns only these verdicts. */
function forecast(decision: Decision): Foreseen['would'] {
  if (decision.do === 'copy') return 'publish'
  const verdict = decision.do === 'stop' ? decision.verdict : 'undetermined'
  // Nothing was sent that could have been published.
  return wouldBe[verdict === 'published' ? 'undetermined' : verdict]
}

function stagedAs(staged: State | undefined): Staged {
  switch (staged?.is) {
    case undefined:
      return 'unread'
    case 'absent':
      return 'gone'
    case 'different':
      return 'wrong'
    case 'same':
      return 'right'
    case 'unknown':
      return staged.final ? 'refused' : 'silent'
  }
}
