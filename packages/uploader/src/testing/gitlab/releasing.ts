import { type EmulatedOptions, emulated } from './emulated.js'
import { Releases, type ReleasesOptions } from './releases.js'

/** A GitLab with releases; `post` sends a release with a job's token, or with other headers. */
export async function releasing(options: Omit<ReleasesOptions, 'projects'> = {}, rest: EmulatedOptions = {}) {
  let releases: Releases | undefined
  const more: EmulatedOptions['more'] = (projects) => {
    releases = new Releases({ projects, ...options })
    return [releases]
  }
  const opened = await emulated({ ...rest, more })
  if (releases === undefined) throw new Error('Expected releases')
  const send = (method: string, path: string, body: object, headers: Record<string, string> = { 'job-token': opened.token }) =>
    opened.ask(path, { method, body: JSON.stringify(body) }, { 'content-type': 'application/json', ...headers })
  const post = (body: object, headers?: Record<string, string>) => send('POST', '/api/v4/projects/7/releases', body, headers)
  return { ...opened, releases, send, post }
}
