// npm run bench -- import: the CPU that an import of each package costs over a bare Node, from what was built.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

const cwd = join(import.meta.dirname, '..')
const runs = 15
const entries = ['@stagegate/uploader', '@stagegate/uploader/gitlab', '@stagegate/schema', '@stagegate/sdk']

/** Milliseconds of one process, of user and system. */
function cpuOf(program) {
  const code = `${program};const { user, system } = process.cpuUsage();console.log((user + system) / 1000)`
  return Number(execFileSync(process.execPath, ['--input-type=module', '--eval', code], { cwd, encoding: 'utf8' }))
}

const programs = ['', ...entries.map((entry) => `await import('${entry}')`)]
const measured = programs.map(() => [])
// In turn, so that a busy machine is busy for all of them.
for (let run = 0; run < runs; run++) for (const [at, program] of programs.entries()) measured[at].push(cpuOf(program))
const [bare, ...costs] = measured.map((all) => all.sort((a, b) => a - b)[Math.floor(runs / 2)])
const lines = costs.map((cost, at) => `${entries[at]} ${(cost - bare).toFixed(0)} ms`)
console.log(`CPU over a bare Node (${bare.toFixed(0)} ms), median of ${runs}: ${lines.join(', ')}`)
