// node publish.mjs FILE: publishes what the JSON file says. Says each wait and each verdict, and at the end the process's peak memory in KiB.
import { readFileSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { publishOne } from '../../tasks/publishing.mjs'

// As the command does.
setFlagsFromString('--no-incremental-marking')
const onEvent = ({ event, milliseconds, because }) => {
  if (event === 'waiting') console.log('waiting', milliseconds, because.code, because.message)
}
const { outcomes } = await publishOne(JSON.parse(readFileSync(process.argv[2], 'utf8')), { onEvent })
for (const { verdict, problem } of outcomes) console.log(verdict, problem?.message ?? '')
console.log(/VmHWM:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1])
