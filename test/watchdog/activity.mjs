// Whether anything moves in this process or in one that it has started.
import { readdirSync, readFileSync } from 'node:fs'
import { performance } from 'node:perf_hooks'

/** How often a watch has woken this process, which is no life. */
let samples = 0

/** See activity.d.mts. */
export class Activity {
  #samples = samples
  #loops = 0
  #events = 0
  #children = ''

  sample() {
    const { loopCount, events } = performance.nodeTiming.uvMetricsInfo
    samples++
    const own = events !== this.#events || loopCount - this.#loops > samples - this.#samples
    this.#samples = samples
    this.#loops = loopCount
    this.#events = events
    const before = this.#children
    this.#children = childrenOf(process.pid)
      .map((pid) => `${pid} ${movedIn(pid)}`)
      .join('\n')
    return own || this.#children !== before
  }
}

/** See activity.d.mts. */
export function childrenOf(pid) {
  const children = threadsOf(pid).flatMap((thread) => read(`/proc/${pid}/task/${thread}/children`).split(' ').filter(Boolean).map(Number))
  return children.flatMap((child) => [child, ...childrenOf(child)])
}

/** See activity.d.mts. */
export function commandOf(pid) {
  return read(`/proc/${pid}/cmdline`).split('\0').filter(Boolean)
}

/** See activity.d.mts. */
export function isNode(pid) {
  return /(^|\/)node$/.test(commandOf(pid)[0] ?? '')
}

/** Bytes that were read and written; of Node also how often it has woken up: servers of others do so without a reason of ours. */
function movedIn(pid) {
  const bytes = /rchar: (\d+)\nwchar: (\d+)/.exec(read(`/proc/${pid}/io`))?.slice(1) ?? []
  return [...bytes, isNode(pid) ? /^voluntary_ctxt_switches:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1] : ''].join(' ')
}

/** Each has children of its own. */
function threadsOf(pid) {
  try {
    return readdirSync(`/proc/${pid}/task`)
  } catch {
    return []
  }
}

/** Nothing, where there is no such file: the process has gone, or the system is another. */
function read(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
