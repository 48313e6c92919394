import { type Content, type Coordinates, describeCoordinates, type PlannedDestination } from '@stagegate/schema'
import type { PublicRepository } from '../contract/capabilities.js'
import type { State } from '../decide/decide.js'
import { type Ports, tell, type withDefaults } from '../ports.js'
import type { Happening } from '../transfer/event.js'
import { see } from '../transfer/see.js'
import { reasonOf, type Trouble } from './trouble.js'

/** An artifact at a destination. */
export interface Place {
  readonly target: string
  readonly destination: PlannedDestination
  readonly coordinates: Coordinates
  readonly content: Content
  readonly repository: PublicRepository
}

/** An artifact that an announcement does not mention. */
export interface LeftOut {
  /** The target's id in the plan. */
  readonly target: string
  /** Where it would be found there. */
  readonly coordinates: Coordinates
  /** The public repository, as the plan names it. */
  readonly destination: PlannedDestination
  /** Why, as a sentence without a full stop. */
  readonly because: string
}

/** The places, by what was found there. */
export interface Present<P extends Place> {
  /** Places with the sealed bytes, and their locations. */
  readonly there: readonly { readonly place: P; readonly location: string }[]
  /** Places at advisory destinations without them. */
  readonly leftOut: readonly LeftOut[]
  /** All other places. */
  readonly troubles: readonly Trouble[]
}

/** Looks at all places at once, as far as the limits of the run allow. Never rejects. */
export async function lookAtPlaces<P extends Place>(
  places: readonly P[],
  ports: ReturnType<typeof withDefaults>,
  listener: Pick<Ports, 'onEvent'>,
): Promise<Present<P>> {
  const seen = await Promise.all(
    places.map(async (place) => {
      const { target, destination, coordinates, content, repository } = place
      const emit = (event: Happening) => tell(listener, { at: ports.clock.now(), target, coordinates, content, ...event })
      const view = { repository, item: { coordinates, content }, host: repository.host ?? destination.repository }
      const state = await see(view, { ...ports, emit, destination })
      emit({ event: 'observed', destination, state: state.is })
      return { place, state }
    }),
  )
  const wrong = seen.flatMap(({ place, state }) => (state.is === 'same' ? [] : [{ place, ...troubleOf(place, state) }]))
  return {
    there: seen.flatMap(({ place, state }) => (state.is === 'same' ? [{ place, location: state.location }] : [])),
    leftOut: wrong.filter(({ place }) => place.destination.advisory).map(({ place, because }) => leftOut(place, because)),
    troubles: wrong.filter(({ place }) => !place.destination.advisory),
  }
}

export function leftOut({ target, coordinates, destination }: Place, because: string): LeftOut {
  return { target, coordinates, destination, because }
}

function troubleOf({ target, coordinates, destination, content }: Place, state: Exclude<State, { is: 'same' }>): Trouble {
  const what = `${describeCoordinates(coordinates)} in ${destination.repository}`
  switch (state.is) {
    case 'absent':
      return { is: 'missing', what, target, because: 'it is not there' }
    case 'different':
      return { is: 'other', what, target, because: `it has the sha256 ${state.sha256}, but ${content.sha256} is sealed` }
    case 'unknown':
      return { is: state.final ? 'refused' : 'unknown', what, target, ...reasonOf(state.because) }
  }
}
