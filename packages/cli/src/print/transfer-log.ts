import { describeCoordinates, describeProblem, type Outcome } from '@stagegate/schema'
import type { TransferEvent } from '@stagegate/uploader'
import type { Form } from './form.js'
import { digestLines, leftOutLines, type OutcomeWords, outcomeLine, problemLines, tagLines } from './outcome.js'
import { duration } from './time.js'
import { UnderWay, wayOf, without } from './under-way.js'

/** How often progress, and lasting problems, are logged again. In milliseconds. */
const interval = 10_000
/** How often it checks whether there is something to log. */
const tick = { live: 200, otherwise: 1000 }
/**
 * If details are folded, a line says what is in progress after this much silence, and again after twice as long, up to the longest
 * interval: nobody opens a silent section.
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
  /** Something may have been sent to it, and nobody knows whether. */
  readonly #unclear = new Set<string>()
  /** The time of the last line. */
  readonly #said = new Map<string, number>()
  #lastProblem = ''
  #stopping = false
  #counted = { done: 0, at: Date.now() }
  /** Since when no visible line was printed, and how long that may last. */
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

  /** The run was stopped and aborts its work: only the results are worth a line. */
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

  /** Whether this was not printed a moment ago. */
  #isNews(what: string): boolean {
    const last = this.#said.get(what)
    if (last !== undefined && Date.now() - last < interval) return false
    this.#said.set(what, Date.now())
    return true
  }

  #verdict(outcome: Outcome): void {
    const message = outcome.problem && problemLines(outcome).join('\n')
    // Many in a row may have the same reason: it is printed once, and the others point to it.
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
    // Verdicts are lines, which show that already.
    if (counts === 'verdict' || now - this.#counted.at < interval || this.#counted.done === this.#underWay.done) return
    this.#counted = { done: this.#underWay.done, at: now }
    this.#detail(this.#underWay.count)
  }
}
