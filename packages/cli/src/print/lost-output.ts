import { exitCodeOfError } from '@stagegate/uploader'
import { systemCode } from '@stagegate/uploader/gitlab'

/**
 * Goes on where the output can no longer be written: what a job does is worth more than its log. A disk that is full is said once, and
 * the command does not end with 0; a reader that has gone away, as `head` does, has what it wanted.
 */
export function surviveLostOutput(): void {
  let lost: Error | undefined
  process.stdout.on('error', (error) => {
    if (systemCode(error) === 'EPIPE' || lost !== undefined) return
    lost = error
    process.stderr.write(`stagegate: the output could not be written: ${error.message}\n`)
  })
  process.stderr.on('error', () => {})
  process.on('exit', (exitCode) => {
    if (lost !== undefined && exitCode === 0) process.exitCode = exitCodeOfError(lost)
  })
}
