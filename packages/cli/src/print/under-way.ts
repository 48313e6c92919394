import { describeCoordinates, describeProblem, fileOf, type PlannedDestination } from '@stagegate/schema'
import type { TransferEvent } from '@stagegate/uploader'
import { size } from './table.js'
import { duration } from './time.js'

/** Rates are averaged over this many milliseconds. */
const window = 10_000
/** The remaining time is averaged over a longer period, so that it does not jump. */
const longWindow = 60_000

/** One reading of an artifact's bytes, for the destinations that still take them. */
interface Reading {
  readonly what: string
  readonly to: ReadonlySet<string>
  /** When its progress was last logged. */
  toldAt: number
  /** `1.2 GiB of 4.1 GiB, 35.2 MiB/s, 1 min 24 s left` */
  progress(now: number): string
}

/** Tracks the work in progress, from the events of a transfer. */
export class UnderWay {
  done = 0
  readonly #total: number
  readonly #counts: TransferEvent['event']
  readonly #readings = new Map<string, BytesOf>()
  readonly #waits = new Map<string, { readonly until: number; readonly because: string }>()

  /** `counts`: the event that ends each of the `total`. */
  constructor(total: number, counts: 'verdict' | 'observed') {
    this.#total = total
    this.#counts = counts
  }

  note(event: TransferEvent, now: number): void {
    if (event.event === this.#counts) this.done++
    switch (event.event) {
      case 'started':
        this.#readings.set(keyOf(event, event.destinations), new BytesOf(event, event.destinations, now))
        return
      case 'progress': {
        const key = keyOf(event, event.destinations)
        const reading = this.#readings.get(key) ?? new BytesOf(event, event.destinations, now)
        reading.note(event.bytes, event.of ?? event.content?.size ?? 0, now)
        this.#readings.set(key, reading)
        return
      }
      case 'written':
        this.#leave(event, event.destination)
        return
      case 'verdict':
        this.#leave(event, event.outcome.destination)
        return
      case 'waiting':
        this.#waits.set(event.host ?? wayOf(event, event.destination), {
          until: now + event.milliseconds,
          because: without(event.host, describeProblem(event.because)),
        })
        return
      case 'given-up':
        this.#waits.delete(event.host)
    }
  }

  get readings(): readonly Reading[] {
    return [...this.#readings.values()]
  }

  /** Whether nothing is read, and nothing is waited for. */
  isIdle(now: number): boolean {
    return this.#readings.size === 0 && [...this.#waits.values()].every(({ until }) => until <= now)
  }

  /** `3 of 12 done` */
  get count(): string {
    return `${this.done} of ${this.#total} ${this.#counts === 'verdict' ? 'done' : 'checked'}`
  }

  /**
   * Everything in one line. In a narrow one the name of the artifact is cut first, and the remaining time comes before the rate, since
   * people look for that.
   */
  summary(now: number, room = Number.POSITIVE_INFINITY): string {
    const readings = [...this.#readings.values()]
    const [first, ...others] = readings
    // A terminal's line is short.
    const to = [...new Set(readings.flatMap((reading) => [...reading.to]))]
    const what = others.length === 0 ? first?.file : `${readings.length} artifacts`
    const way = to.length === 1 ? ` -> ${to[0]}` : ''
    const waits = [...this.#waits].filter(([, { until }]) => until > now).sort(([, a], [, b]) => b.until - a.until)
    const rest = waits.slice(0, 1).map(([host, { until, because }]) => `waiting ${duration(until - now)} for ${host}: ${because}`)
    const line = (name: string, long: boolean) =>
      [this.count, ...(what === undefined ? [] : [`${name}${progress(readings, now, long)}`]), ...rest].join(' | ')
    const whole = line(`${what}${way} `, true)
    if (what === undefined || whole.length <= room) return whole
    const short = line('', false)
    const left = room - short.length - 1
    return left < shortestName ? short : line(`${shortened(`${what}${way}`, left)} `, false)
  }

  #leave(event: TransferEvent, destination: PlannedDestination): void {
    for (const [key, reading] of this.#readings) {
      if (key.startsWith(prefixOf(event)) && reading.leave(destination)) this.#readings.delete(key)
    }
  }
}

/** `acme_1.2.3_amd64.deb for ubuntu/jammy -> stable` */
export function wayOf({ coordinates }: TransferEvent, destination: PlannedDestination): string {
  return `${describeCoordinates(coordinates)} -> ${nameOf(destination)}`
}

/** A reason, without the address that was printed before it: `/api/v1/packages.json: the server answered 503`. */
export function without(host: string | undefined, because: string): string {
  return host === undefined ? because : because.replaceAll(`${host}/`, '/').replaceAll(`${host}: `, '')
}

class BytesOf implements Reading {
  readonly what: string
  readonly file: string
  readonly to: Set<string>
  toldAt: number
  bytes = 0
  size: number
  readonly #startedAt: number
  /** How much there was before the new bytes. */
  readonly #marks: { readonly at: number; readonly bytes: number }[] = []

  constructor(event: TransferEvent, destinations: readonly PlannedDestination[], now: number) {
    this.what = describeCoordinates(event.coordinates)
    this.file = fileOf(event.coordinates)
    this.to = new Set(destinations.map(nameOf))
    this.size = event.content?.size ?? 0
    this.toldAt = now
    this.#startedAt = now
  }

  note(bytes: number, size: number, now: number): void {
    const last = this.#marks.at(-1)
    if (last === undefined || now - last.at >= window / 20) this.#marks.push({ at: now, bytes: this.bytes })
    this.bytes = bytes
    this.size = size
  }

  /** In bytes per second. */
  rate(now: number, over = window): number {
    while (this.#marks[0] !== undefined && this.#marks[0].at < now - longWindow) this.#marks.shift()
    const before = this.#marks.find(({ at }) => at >= now - over)?.bytes ?? this.bytes
    const span = Math.min(over, now - this.#startedAt)
    return span <= 0 ? 0 : ((this.bytes - before) * 1000) / span
  }

  progress(now: number): string {
    return progress([this], now)
  }

  /** Whether that was the last one. */
  leave(destination: PlannedDestination): boolean {
    this.to.delete(nameOf(destination))
    return this.to.size === 0
  }
}

/** A name that is cut shorter is useless. */
const shortestName = 8

/** The end of a name is more useful than its middle. */
function shortened(name: string, room: number): string {
  if (name.length <= room) return name
  const tail = Math.floor((room - 3) / 2)
  return `${name.slice(0, room - 3 - tail)}...${tail === 0 ? '' : name.slice(-tail)}`
}

function progress(readings: readonly BytesOf[], now: number, isLong = true): string {
  const sum = (of: (reading: BytesOf) => number) => readings.reduce((all, reading) => all + of(reading), 0)
  const [bytes, all, rate] = [sum((one) => one.bytes), sum((one) => one.size), sum((one) => one.rate(now))]
  const left = duration(((all - bytes) * 1000) / sum((one) => one.rate(now, longWindow)))
  if (!isLong) return bytes === all ? `${size(all)} read` : `${rate === 0 ? 'no progress' : `${left} left`}, ${size(bytes)} of ${size(all)}`
  const pace = rate === 0 ? 'nothing moves' : `${size(rate)}/s, ${left} left`
  return `${size(bytes)} of ${size(all)}, ${bytes === all ? 'all read' : pace}`
}

function nameOf({ repository, distribution }: PlannedDestination): string {
  return distribution === undefined ? repository : `${repository} (${distribution})`
}

function prefixOf({ target, coordinates }: TransferEvent): string {
  return `${JSON.stringify([target, coordinates])} `
}

function keyOf(event: TransferEvent, destinations: readonly PlannedDestination[]): string {
  return prefixOf(event) + destinations.map(nameOf).join(', ')
}
