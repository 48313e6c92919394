import { describeCoordinates, fileOf, type Outcome } from '@stagegate/schema'
import type { TransferEvent } from '@stagegate/uploader'
import { size } from './table.js'

/** Long transfers say how far they are this often, in milliseconds. */
const interval = 10_000

/** Reads the events of a transfer into log lines: one for each verdict, and some on the way where it takes long. */
export function transferLog(log: (line: string) => void, now: () => number = Date.now): (event: TransferEvent) => void {
  const started = new Map<string, { at: number; shown: number }>()
  return (event) => {
    const key = `${event.target} ${fileOf(event.coordinates)}`
    switch (event.event) {
      case 'started':
        started.set(key, { at: now(), shown: now() })
        return
      case 'progress': {
        const clock = started.get(key)
        if (clock === undefined || now() - clock.shown < interval) return
        clock.shown = now()
        log(`  ${fileOf(event.coordinates)}: ${progress(event.bytes, event.content.size, now() - clock.at)}`)
        return
      }
      case 'waiting':
        if (event.milliseconds >= 1000)
          log(
            `  ${fileOf(event.coordinates)}: waiting ${Math.round(event.milliseconds / 1000)} s for ${event.destination.repository}: ${event.because.message}`,
          )
        return
      case 'verdict':
        for (const line of verdictLines(event.outcome)) log(line)
        return
    }
  }
}

function progress(done: number, all: number, milliseconds: number): string {
  const rate = milliseconds > 0 ? (done * 1000) / milliseconds : 0
  const left = rate > 0 ? Math.round((all - done) / rate) : undefined
  return `${size(done)} of ${size(all)}, ${size(rate)}/s${left === undefined ? '' : `, ${left} s left`}`
}

/** `published       acme_1.2.3_amd64.deb for ubuntu/jammy -> stable  12.3 KiB`, and below it what is wrong. */
function verdictLines(outcome: Outcome): readonly string[] {
  const { verdict, coordinates, destination, bytesSent, expected, seen, problem } = outcome
  const moved = verdict === 'published' ? `  ${size(bytesSent)}` : ''
  const advisory = destination.advisory ? '  (advisory)' : ''
  const first = `${verdict.padEnd(15)} ${describeCoordinates(coordinates)} -> ${destination.repository}${moved}${advisory}`
  const digests = verdict === 'conflict' ? [`  sealed  sha256 ${expected.sha256}`, `  public  sha256 ${seen ?? 'unknown'}`] : []
  return [first, ...digests, ...(problem?.message.split('\n').map((line) => `  ${line}`) ?? [])]
}
