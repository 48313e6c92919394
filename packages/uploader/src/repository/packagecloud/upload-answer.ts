import * as v from 'valibot'
import type { Written } from '../../contract/capabilities.js'
import type { HttpAnswer } from '../../http/client.js'
import { downloadPath, uploadPath } from './paths.js'
import { isTransient, type Site } from './site.js'
import { Complaints, Uploaded } from './wire.js'

/**
 * Reads the server's answer to an upload.
 * @throws {StagegateError} if the answer leaves open whether the package is there now
 */
export function writtenBy(answer: HttpAnswer, site: Site, repository: string, distribution: string): Written {
  const { status, text } = answer
  if (status >= 200 && status < 300) {
    const stored = v.safeParse(v.pipe(v.string(), v.parseJson(), Uploaded), text)
    // The server names the file from the package's metadata; if it does not report the name, the next look finds it.
    const file = stored.success ? stored.output.filename : undefined
    return { outcome: 'accepted', ...(file === undefined ? {} : { location: downloadPath(repository, distribution, file) }) }
  }
  if (status === 422 && isTaken(text)) return { outcome: 'exists' }
  if (isTransient(status) || status === 409 || status < 400) throw site.unexpected(answer, uploadPath(repository))
  return { outcome: 'refused', because: site.refusal(answer) }
}

/** Only "this name is taken": a plan's limit may be reported as well, and then it is not the only reason. */
function isTaken(text: string): boolean {
  const complaints = v.safeParse(v.pipe(v.string(), v.parseJson(), Complaints), text)
  if (!complaints.success || Object.keys(complaints.output).join() !== 'filename') return false
  return [complaints.output['filename']].flat().includes('has already been taken')
}
