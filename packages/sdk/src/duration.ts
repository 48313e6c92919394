import { type Seconds, seconds } from '@stagegate/schema'

const units = [
  ['days', 86_400],
  ['hours', 3_600],
  ['minutes', 60],
  ['seconds', 1],
] as const

/** A duration. */
export class Duration {
  readonly seconds: Seconds

  private constructor(count: number, unit: number) {
    const whole = Math.round(count * unit)
    if (!Number.isSafeInteger(whole) || whole < 1) throw new RangeError(`Expected a duration of at least a second, got ${count}`)
    this.seconds = seconds(whole)
  }

  static seconds(this: void, count: number): Duration {
    return new Duration(count, 1)
  }
  static minutes(this: void, count: number): Duration {
    return new Duration(count, 60)
  }
  static hours(this: void, count: number): Duration {
    return new Duration(count, 3_600)
  }
  static days(this: void, count: number): Duration {
    return new Duration(count, 86_400)
  }

  plus(other: Duration): Duration {
    return new Duration(this.seconds + other.seconds, 1)
  }
  minus(other: Duration): Duration {
    return new Duration(this.seconds - other.seconds, 1)
  }

  /** As GitLab reads it in `timeout` and `expire_in`: `14 days`, `1 hour 50 minutes`. */
  toString(): string {
    let rest: number = this.seconds
    const parts: string[] = []
    for (const [unit, length] of units) {
      const count = Math.floor(rest / length)
      rest -= count * length
      if (count > 0) parts.push(`${count} ${count === 1 ? unit.slice(0, -1) : unit}`)
    }
    return parts.join(' ')
  }

  /** As the runner reads it: `1h50m`. */
  toRunnerString(): string {
    const [hours, minutes, rest] = [Math.floor(this.seconds / 3_600), Math.floor((this.seconds % 3_600) / 60), this.seconds % 60]
    return `${hours > 0 ? `${hours}h` : ''}${minutes}m${rest > 0 ? `${rest}s` : ''}`
  }
}
