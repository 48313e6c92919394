// Shows how far a release is, and ends it on Ctrl+C: what is under way is broken off, and nothing half-sent is left.
import { directory, exitCodeOf, release, type TransferEvent } from '@stagegate/uploader'

const controller = new AbortController()
process.once('SIGINT', () => controller.abort(new Error('stopped by hand')))

function show(event: TransferEvent): void {
  if (event.event === 'progress' && event.content) console.log(`${event.target}: ${Math.round((100 * event.bytes) / event.content.size)} %`)
  if (event.event === 'waiting') console.log(`${event.host ?? event.target}: waiting ${event.milliseconds} ms, ${event.because.message}`)
  if (event.event === 'verdict') console.log(`${event.target}: ${event.outcome.verdict}`)
}

const files = process.argv.slice(2)
const { outcomes } = await release({
  name: 'hello',
  version: '1.2.3',
  files,
  to: { mirror: directory('mirror') },
  onEvent: show,
  signal: controller.signal,
})
for (const { path, problem } of outcomes) if (problem) console.log(path, problem.code, problem.message)
process.exitCode = exitCodeOf(outcomes)
