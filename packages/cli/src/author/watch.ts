import { spawn } from 'node:child_process'
import { dirname, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { watchSources } from './watch-sources.js'

/** Editors write a file in several steps; changes within this many milliseconds count as one. */
const settle = 100

/**
 * Synthesizes now and after each change of a source file, until the process is stopped. Each run has its own process, since an imported
 * module does not change.
 */
export async function watch(file: string): Promise<void> {
  const folder = dirname(resolve(file))
  for await (const _ of changes(folder)) {
    await synthesizeOnce(file)
    process.stdout.write(`Watching ${folder}; press Ctrl-C to stop.\n`)
  }
}

/** One value at once, and one for each change. */
async function* changes(folder: string): AsyncGenerator<void> {
  let wake: () => void = () => undefined
  let pending = false
  const stop = watchSources(folder, () => {
    pending = true
    wake()
  })
  try {
    yield
    for (;;) {
      if (!pending)
        await new Promise<void>((awake) => {
          wake = awake
        })
      await sleep(settle)
      pending = false
      yield
    }
  } finally {
    stop()
  }
}

function synthesizeOnce(file: string): Promise<void> {
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, [process.argv[1] ?? '', 'synth', file], { stdio: 'inherit' })
    child.on('error', failed)
    child.on('close', () => done())
  })
}
