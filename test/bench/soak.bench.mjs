// Publishes an image of 200 layers over HTTPS again and again, from one docker-registry to an empty one. No run may hang, nor wait for
// what no server asked for. npm run bench -- soak [RUNS]
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { startRegistry } from '../tasks/servers.mjs'
import { fail, isInstalled } from '../tasks/shell.mjs'
import { ensureAuthority } from '../tasks/trust.mjs'
import { inFolder, mebibyte, median } from './contest.mjs'
import { publishImage, push, writeImage } from './images/image.mjs'

const runs = Number(process.argv[3] ?? 300)
for (const tool of ['docker-registry', 'skopeo']) if (!isInstalled(tool)) fail(`This needs ${tool}: apt-get install ${tool}`)
await ensureAuthority()

await inFolder(4, async (folder, keep) => {
  const quiet = { log: { level: 'error', accesslog: { disabled: true } } }
  const [a, b] = [keep(await startRegistry(join(folder, 'a'), quiet)), keep(await startRegistry(join(folder, 'b'), quiet))]
  const manifest = await writeImage(join(folder, 'layout'), Array(200).fill(mebibyte))
  await push(join(folder, 'layout'), a)
  const results = []
  for (let run = 1; run <= runs; run++) {
    rmSync(join(folder, 'b', 'registry'), { recursive: true, force: true })
    const result = await publishImage(folder, a, b, manifest)
    results.push(result)
    for (const wait of result.waits) console.log(`  run ${run}: ${wait}`)
    if (run % 10 === 0) console.log(`  ${run} of ${runs}, the last in ${result.seconds.toFixed(1)} s`)
  }
  const longest = Math.max(...results.map(({ seconds }) => seconds)) / median(results, 'seconds')
  const waits = results.reduce((sum, result) => sum + result.waits.length, 0)
  console.log(`soak: runs ${runs}, longest ${longest.toFixed(2)} x median, waits ${waits}`)
  if (longest > 3 || waits > 0) process.exitCode = 1
})
