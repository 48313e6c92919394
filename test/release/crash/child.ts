// node --import ./die-at.mjs child.mjs FILE: the work that the file says, in a process that can be killed.
import { readFileSync } from 'node:fs'
import { perform, type Work } from './perform.js'

// The cast: the test that starts this process has just written it.
await perform(JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Work)
