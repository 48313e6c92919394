import { exitCodeOfError } from '@stagegate/uploader'
import { systemCode } from '@stagegate/uploader/gitlab'

/**
 * Goes on if the output can no longer be written: the job's work matters more than its log. A full disk is reported once, and the exit code
 * is not 0. A reader that has gone away, as `head` does, has what it wanted.
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
