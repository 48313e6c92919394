import { describeCoordinates, describeProblem, type Outcome } from '@stagegate/schema'
import type { TransferEvent } from '@stagegate/uploader'
import type { Form } from './form.js'
import { digestLines, leftOutLines, type OutcomeWords, outcomeLine, problemLines, tagLines } from './outcome.js'
import { duration } from './time.js'
import { UnderWay, wayOf, without } from './under-way.js'

/** How often progress, and trouble that goes on, is logged again. In milliseconds. */
const interval = 10_000
/** How often it is looked whether there is something to say. */
const tick = { live: 200, otherwise: 1000 }
/**
 * Where details are folded away, a line says what is under way after so long without one, and again after twice that, up to the longest:
 * for nobody opens what says nothing.
 */
const silence = { first: 15_000, longest: 120_000 }
/** Shorter waits are not worth a line. */
const shortWait = 1000

export interface TransferLogOptions {
  readonly form: Form
  /** How many outcomes there will be. */
  readonly total: number
  /** The event that each ends with. @default verdict */
  readonly counts?: 'verdict' | 'observed' | undefined
  readonly words?: OutcomeWords | undefined
}

/** Reads the events of a transfer into its log: a line for each verdict, details on the way, and what is under way. */
export class TransferLog {
  readonly #form: Form
  readonly #words: OutcomeWords | undefined
  readonly #underWay: UnderWay
  readonly #timer: NodeJS.Timeout
  /** To which something may have got, and nobody knows whether. */
  readonly #unclear = new Set<string>()
  /** When something was last said. */
  readonly #said = new Map<string, number>()
  #lastProblem = ''
  #stopping = false
  #counted = { done: 0, at: Date.now() }
  /** Since when nothing was said that stays in sight, and how long that may be. */
  #silent = { since: Date.now(), bearable: silence.first }

  constructor({ form, total, counts = 'verdict', words }: TransferLogOptions) {
    this.#form = form
    this.#words = words
    this.#underWay = new UnderWay(total, counts)
    const say = () => (form.live === undefined ? this.#sayProgress(counts) : form.live(this.#underWay.summary(Date.now(), form.room?.())))
    this.#timer = setInterval(say, form.live === undefined ? tick.otherwise : tick.live).unref()
  }

  readonly onEvent = (event: TransferEvent): void => {
    this.#underWay.note(event, Date.now())
    switch (event.event) {
      case 'observed':
      case 'progress':
        return
      case 'started':
        for (const destination of event.destinations) {
          const way = wayOf(event, destination)
          if (this.#unclear.delete(way)) this.#detail(`${way}: sending it again`)
        }
        return
      case 'left-behind':
        this.#detail(`${wayOf(event, event.destination)}: accepts no data; the others continue without it, and it is sent again separately`)
        return
      case 'source-failed':
        this.#detail(`${describeCoordinates(event.coordinates)}: could not be read: ${describeProblem(event.because)}`)
        return
      case 'written':
        if (event.answer === 'ambiguous') {
          const way = wayOf(event, event.destination)
          this.#unclear.add(way)
          this.#detail(`${way}: no clear answer: ${event.because === undefined ? 'there was none' : describeProblem(event.because)}`)
        }
        return
      case 'waiting':
        if (event.milliseconds >= shortWait) this.#waiting(event)
        return
      case 'given-up':
        this.#line(`given up        ${describeProblem(event.because)}`)
        return
      case 'verdict':
        this.#verdict(event.outcome)
        return
    }
  }

  /** It was told to stop, and breaks off what is under way: what becomes of that is all that is worth saying. */
  stopping(why: string): void {
    this.#stopping = true
    this.#line(`${why}: transfers under way are being stopped.`)
  }

  close(): void {
    clearInterval(this.#timer)
    this.#form.close()
  }

  #line(text: string): void {
    this.#silent = { since: Date.now(), bearable: silence.first }
    this.#form.line(text)
  }

  #detail(text: string): void {
    if (!this.#stopping) this.#form.detail(text)
  }

  #waiting(event: Extract<TransferEvent, { event: 'waiting' }>): void {
    const { destination, host, milliseconds } = event
    const because = describeProblem(event.because)
    if (host !== undefined) this.#detail(`waiting ${duration(milliseconds)} for ${host}: ${without(host, because)}`)
    else if (this.#isNews(`${destination.repository}: ${because}`)) this.#detail(`${wayOf(event, destination)}: checking again: ${because}`)
  }

  /** Whether this was not said a moment ago. */
  #isNews(what: string): boolean {
    const last = this.#said.get(what)
    if (last !== undefined && Date.now() - last < interval) return false
    this.#said.set(what, Date.now())
    return true
  }

  #verdict(outcome: Outcome): void {
    const message = outcome.problem && problemLines(outcome).join('\n')
    // Many in a row can have one and the same reason: the others point to it.
    const isSame = message !== undefined && message === this.#lastProblem
    this.#lastProblem = message ?? this.#lastProblem
    this.#line(`${outcomeLine(outcome, this.#words)}${isSame ? '  (same reason as above)' : ''}`)
    const parts = [digestLines(outcome, this.#words), isSame ? [] : problemLines(outcome), tagLines(outcome), leftOutLines(outcome)]
    for (const line of parts.flat()) this.#form.line(`  ${line}`)
  }

  #breakSilence(now: number): void {
    const { since, bearable } = this.#silent
    if (!this.#form.folds || this.#stopping || now - since < bearable || this.#underWay.isIdle(now)) return
    this.#form.line(`under way       ${this.#underWay.summary(now)}`)
    this.#silent = { since: now, bearable: Math.min(silence.longest, bearable * 2) }
  }

  #sayProgress(counts: 'verdict' | 'observed'): void {
    const now = Date.now()
    this.#breakSilence(now)
    for (const reading of this.#underWay.readings) {
      if (now - reading.toldAt < interval) continue
      reading.toldAt = now
      this.#detail(`${reading.what} -> ${[...reading.to].join(', ')}: ${reading.progress(now)}`)
    }
    // Verdicts are lines, which tell that by themselves.
    if (counts === 'verdict' || now - this.#counted.at < interval || this.#counted.done === this.#underWay.done) return
    this.#counted = { done: this.#underWay.done, at: now }
    this.#detail(this.#underWay.count)
  }
}
