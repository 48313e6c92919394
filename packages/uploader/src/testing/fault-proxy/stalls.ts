import { setImmediate as turn } from 'node:timers/promises'
import { onTestFinished, vi } from 'vitest'

/** How many turns of the event loop one virtual second takes: enough for everything that can happen without a timer. */
const turns = 20

/**
 * Time-outs that come without waiting. From `begin` on, the test's timers are virtual, and run only while a proxy stalls: a limit of ten
 * seconds is over at once, and never because the machine is slow.
 */
export const stalls = {
  begin(): void {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
  },

  /** For the proxy's option of that name. Without `begin`, time passes by itself. */
  async onStall(over: AbortSignal): Promise<void> {
    while (!over.aborted && vi.isFakeTimers()) {
      for (let count = 0; count < turns; count++) await turn()
      if (vi.isFakeTimers()) vi.advanceTimersByTime(1000)
    }
  },
}
