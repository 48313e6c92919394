// node publish.mjs FILE: publishes what the JSON file says. Says each verdict, and at the end the process's peak memory in KiB.
import { readFileSync } from 'node:fs'
import { publishOne } from '../../tasks/publishing.mjs'

const { outcomes } = await publishOne(JSON.parse(readFileSync(process.argv[2], 'utf8')), {})
for (const { verdict, problem } of outcomes) console.log(verdict, problem?.message ?? '')
console.log(/VmHWM:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1])
