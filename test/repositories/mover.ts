// node --import ./die-at.mjs mover.js ROOT LINE...: adds lines to a file that moves, each unless it is there, in a process that can be killed.
// It prints each line that it was told to have added.
import { createHash } from 'node:crypto'
import { writeSync } from 'node:fs'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { bytes, instant, later, sha256 } from '@stagegate/schema'
import { DirectoryStore } from '../../packages/uploader/src/store/directory/index.js'
import { storePath } from '../../packages/uploader/src/store/index.js'

const [, , root = '', ...lines] = process.argv
const store = new DirectoryStore(root)
const path = storePath('dists/stable/InRelease')
const soon = () => ({ signal: AbortSignal.timeout(30_000), deadline: later(instant(Date.now()), 30) })

for (const line of lines) while (!(await added(line)));

/** False: somebody else was faster. */
async function added(line: string): Promise<boolean> {
  const seen = await store.observe(path, soon())
  const read = seen.saw === 'absent' ? undefined : await store.read(path, soon())
  const before = read === undefined ? '' : await text(read.stream)
  if (before.split('\n').includes(line)) return true
  const data = Buffer.from(`${before}${line}\n`)
  const content = { sha256: sha256(createHash('sha256').update(data).digest('hex')), size: bytes(data.length) }
  const { outcome } = await store.replaceIf(path, { content, stream: () => Readable.from([data]) }, read?.version ?? 'absent', soon())
  if (outcome === 'replaced') writeSync(1, `${line}\n`)
  return outcome === 'replaced'
}
