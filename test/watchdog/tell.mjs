// node --import ./tell.mjs PROGRAM: on SIGUSR2 the process says on stderr what it waits for, and goes on.
import { describeWaiting, followConnections } from './waiting.mjs'

followConnections()
process.on('SIGUSR2', () => process.stderr.write(`${['', 'waiting for:', ...describeWaiting()].join('\n  ')}\n`))
