import { Worker } from 'node:worker_threads'

/** In seconds. An input that takes this long counts as one that never ends. */
const patience = 30

const start = 64
const room = 512 * 1024

/**
 * Ends the process when one input takes for ever, since nothing within a busy thread could. What is read is written down before, so that
 * it can be saved.
 */
export class Watchdog {
  readonly #shared = new SharedArrayBuffer(start + room)
  readonly #numbers = new Int32Array(this.#shared, 0, 4)
  readonly #input = new Uint8Array(this.#shared, start)
  readonly #worker: Worker

  /** @param file where the input is saved */
  constructor(name: string, seed: number, file: string) {
    this.#worker = new Worker(watching, { eval: true, workerData: { shared: this.#shared, name, seed, file, patience, start } })
    this.#worker.unref()
  }

  reads(input: Uint8Array): void {
    this.#input.set(input.subarray(0, room))
    this.#numbers[1] = Math.min(input.length, room)
    Atomics.add(this.#numbers, 0, 1)
  }

  async stop(): Promise<void> {
    await this.#worker.terminate()
  }
}

// A worker of its own has no loader for TypeScript.
const watching = `
const { workerData: { shared, name, seed, file, patience, start } } = require('node:worker_threads')
const { writeFileSync, writeSync } = require('node:fs')
const numbers = new Int32Array(shared, 0, 4)
let [before, since] = [0, Date.now()]
setInterval(() => {
  const now = Atomics.load(numbers, 0)
  if (now !== before) [before, since] = [now, Date.now()]
  if (before === 0 || Date.now() - since < patience * 1000) return
  writeFileSync(file, Buffer.from(shared, start, numbers[1]))
  writeSync(2, \`\\nfuzz \${name}: seed \${seed}, input \${before} did not end within \${patience} s; it is saved as \${file}\\n\`)
  process.kill(process.pid, 'SIGKILL')
}, 500)
`
