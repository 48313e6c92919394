import { spawn } from 'node:child_process'
import { watch as watchFolder } from 'node:fs'
import { dirname, resolve, sep } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Editors write a file in several steps; what comes within this many milliseconds is one change. */
const settle = 100

/**
 * Synthesizes now and after each change of a source file, until the process is stopped. Each time in a process of its own:
 * a module that was imported once stays as it was.
 */
export async function watch(file: string): Promise<void> {
  const folder = dirname(resolve(file))
  for await (const _ of changes(folder)) {
    await synthesizeOnce(file)
    process.stdout.write(`Watching ${folder}; Ctrl-C ends it.\n`)
  }
}

/** One value at once, and one for each change. */
async function* changes(folder: string): AsyncGenerator<void> {
  let wake: () => void = () => undefined
  let pending = false
  const watcher = watchFolder(folder, { recursive: true }, (_, name) => {
    if (name === null || !isSource(name)) return
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
    watcher.close()
  }
}

/** Code, and YAML that may be included; what synth writes is the same the next time, and changes nothing. */
function isSource(name: string): boolean {
  const parts = name.split(sep)
  return /\.(?:[cm]?[jt]s|ya?ml)$/.test(name) && !parts.includes('node_modules') && !parts.some((part) => part.startsWith('.'))
}

function synthesizeOnce(file: string): Promise<void> {
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, [process.argv[1] ?? '', 'synth', file], { stdio: 'inherit' })
    child.on('error', failed)
    child.on('close', () => done())
  })
}
