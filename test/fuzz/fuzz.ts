import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mutated } from './mutate.js'
import { Random } from './random.js'
import type { Target } from './target.js'
import { Watchdog } from './watchdog.js'

/** Milliseconds for one input of at most 256 KiB. What is proportional takes a hundredth of it; on a busy machine, more. */
const slowest = 5_000
/** Bytes that the process may grow by. The decoders of packages keep windows of up to 128 MiB. */
const mostMemory = 1024 * 1024 * 1024
/** Inputs that are kept because their outcome was new, and how large they may be, in bytes. */
const mostKept = 500
const largestKept = 8 * 1024
/** In bytes. Enough for what takes more than proportional time to be seen. */
const largest = 256 * 1024

const corpus = new URL('corpus/', import.meta.url).pathname

interface Find {
  readonly error: unknown
  /** Where the input is saved. */
  readonly file: string
}

interface Fuzzed {
  readonly executions: number
  readonly kinds: number
  readonly finds: readonly Find[]
}

/** The inputs in the repository: those that once were read wrongly, and those that real tools made. */
export function corpusOf({ name }: Target): readonly { readonly file: string; readonly bytes: Buffer }[] {
  const folder = join(corpus, name)
  return (namesIn(folder) ?? []).map((file) => ({ file, bytes: readFileSync(join(folder, file)) }))
}

function namesIn(folder: string): readonly string[] | undefined {
  try {
    return readdirSync(folder).toSorted()
  } catch {
    return undefined
  }
}

/** Reads one input. @throws {Error} what is neither a value nor a refusal, or took too long */
export async function readOnce(target: Target, input: Buffer): Promise<string> {
  const start = performance.now()
  let kind: string
  try {
    kind = await target.read(input)
  } catch (error) {
    if (!target.refuses(error)) throw error
    kind = `refused: ${String(error)
      .replaceAll(/"[^"]*"|\d+/g, '')
      .slice(0, 80)}`
  }
  const took = performance.now() - start
  if (took > slowest) throw new Error(`${input.length} bytes took ${Math.round(took)} ms`)
  return kind
}

/** Changes inputs and reads them, for a number of times or of seconds, whichever comes first. */
export async function fuzz(
  target: Target,
  { seed, runs, seconds, keep }: { seed: number; runs: number; seconds: number; keep: boolean },
): Promise<Fuzzed> {
  const random = new Random(seed)
  const pool = [...target.seeds, ...corpusOf(target).map(({ bytes }) => bytes)]
  const kinds = new Set<string>()
  const finds = new Map<string, Find>()
  const watchdog = new Watchdog(target.name, seed, join(tmpdir(), `fuzz-${target.name}-${seed}`))
  const [end, memory] = [Date.now() + seconds * 1000, process.memoryUsage.rss()]
  let executions = 0
  try {
    for (; executions < runs && Date.now() < end; executions++) {
      const changed = mutated(random.of(pool), { others: pool, dictionary: target.dictionary, largest: target.largest ?? largest }, random)
      const input = target.mend !== undefined && !random.oneIn(4) ? target.mend(changed) : changed
      watchdog.reads(input)
      try {
        // The digest alone: a slice of a message would keep all of it.
        const kind = createHash('sha256')
          .update(await readOnce(target, input))
          .digest('base64')
        if (!kinds.has(kind) && kinds.size < mostKept && input.length <= largestKept) pool.push(input)
        kinds.add(kind)
        const grown = process.memoryUsage.rss() - memory
        if (grown > mostMemory) throw new Error(`the process grew by ${Math.round(grown / 1024 / 1024)} MiB`)
      } catch (error) {
        const where = String(error instanceof Error ? error.stack : error)
          .replaceAll(/\d+/g, '')
          .slice(0, 400)
        if (!finds.has(where)) finds.set(where, { error, file: saved(target, input, keep) })
        if (!keep) break
      }
    }
  } finally {
    await watchdog.stop()
  }
  return { executions, kinds: kinds.size, finds: [...finds.values()] }
}

function saved({ name }: Target, input: Uint8Array, keep: boolean): string {
  const folder = keep ? join(corpus, name) : tmpdir()
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `find-${name}-${createHash('sha256').update(input).digest('hex').slice(0, 12)}`)
  writeFileSync(file, input)
  return file
}
