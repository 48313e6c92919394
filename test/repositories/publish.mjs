// node publish.mjs FILE: publishes what the JSON file says, and prints each event as a line of JSON, with the process's memory.
import { readFileSync } from 'node:fs'
import { publishOne } from '../tasks/publishing.mjs'
import { kinds } from './kinds.mjs'

const onEvent = (event) => process.stdout.write(`${JSON.stringify({ ...event, rss: process.memoryUsage.rss() })}\n`)
await publishOne(JSON.parse(readFileSync(process.argv[2], 'utf8')), { kinds, onEvent, limits: { firstWait: 1 } })
