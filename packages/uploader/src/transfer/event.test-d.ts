// Checked by tsc: each line below an @ts-expect-error must not compile. Nothing of this runs.
import type { Happening, TransferEvent } from './event.js'

/** A switch that knows all events needs no default; one that lacks an event does not compile. */
export function everyEvent(event: TransferEvent): string {
  switch (event.event) {
    case 'observed':
      return `${event.destination.repository}: ${event.state}`
    case 'started':
      return `${event.destinations.length}`
    case 'progress':
      return `${event.bytes} of ${event.of ?? event.content?.size}`
    case 'left-behind':
      return event.destination.repository
    case 'source-failed':
      return event.because.message
    case 'written':
      return event.because === undefined ? event.answer : `${event.answer}: ${event.because.code}`
    case 'waiting':
      return `${event.milliseconds} ms for ${event.host ?? event.destination.repository}`
    case 'given-up':
      return event.host
    case 'verdict':
      return event.outcome.verdict
  }
}

// @ts-expect-error without a verdict it is not every event
export function mostEvents(event: TransferEvent): string {
  switch (event.event) {
    case 'observed':
    case 'started':
    case 'progress':
    case 'left-behind':
    case 'source-failed':
    case 'written':
    case 'waiting':
    case 'given-up':
      return event.target
  }
}

export const added: Happening = { event: 'given-up', host: 'https://packages.example', because: { code: 'host/given-up', message: 'x' } }
// @ts-expect-error an event of this name does not happen
export const unknown: Happening = { event: 'finished' }
// @ts-expect-error progress says for whom
export const forNobody: Happening = { event: 'progress', bytes: 1 }
export function misread(event: TransferEvent): void {
  // @ts-expect-error not every event has a destination
  event.destination
}
