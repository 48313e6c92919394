import type { Answer } from '../server/respond.js'
import { notFound, redirect } from './answers.js'
import { may } from './asker.js'
import { isRead } from './entrance.js'
import type { Project } from './project.js'
import type { GitlabRelease } from './release-rows.js'
import type { ReleasePorts } from './release-service.js'
import { webUrl } from './shown.js'
import type { GitlabAsked } from './start.js'

const visitor = { kind: 'nobody' } as const

/**
 * The pages below `/GROUP/PROJECT/-/releases`, as a visitor without a session sees them: app/controllers/projects/releases_controller.rb.
 * They look at no token, and lead a visitor who may not see the project to the page where one signs in, which is found.
 */
export function answerPages(asked: GitlabAsked, { entrance, rows }: ReleasePorts): Answer | undefined {
  const { url, instance, request } = asked
  if (!isRead(request)) return undefined
  if (url.pathname === '/users/sign_in') return page('Sign in')
  const [, path, rest = ''] = /^\/([^/]+(?:\/[^/]+)+)\/-\/releases(?:\/(.+))?$/.exec(url.pathname) ?? []
  if (path === undefined || /^\d+$/.test(path)) return undefined
  const project = entrance.find(path)
  if (project === undefined || !may(visitor, project, 'read_code')) return redirect(`${instance}/users/sign_in`)
  const [, suffix] = /^permalink\/latest(?:\/(.+))?$/.exec(rest) ?? []
  if (rest.startsWith('permalink/latest'))
    return latestOf(rows.all, project, `${webUrl(project, instance)}/-/releases`, suffix) ?? missing()
  const [, tag = '', file] = /^([^/]+)(?:\/downloads\/(.+))?$/.exec(rest) ?? []
  const release = rows.find(project.id, decodeURIComponent(tag))
  if (rest === '') return page('Releases')
  if (file === undefined) return release === undefined ? missing() : page(release.name)
  return downloadOf(release, file) ?? missing()
}

/** Leads to the latest release of a project below `base`: the one with the latest date, an upcoming one too. */
export function latestOf(rows: readonly GitlabRelease[], project: Project, base: string, suffix: string | undefined): Answer {
  const of = rows.filter((row) => row.project === project.id)
  const [latest] = of.sort((one, other) => Date.parse(other.releasedAt) - Date.parse(one.releasedAt))
  if (latest === undefined) return notFound()
  return redirect(`${base}/${encodeURIComponent(latest.tag)}${suffix === undefined ? '' : `/${suffix}`}`)
}

/** Leads to where a link leads, any host. */
export function downloadOf(release: GitlabRelease | undefined, path: string): Answer | undefined {
  const link = release?.links.find(({ directAssetPath }) => directAssetPath === `/${decodeURIComponent(path)}`)
  return link === undefined ? undefined : redirect(link.url)
}

function page(title: string): Answer {
  return { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, json: `<!DOCTYPE html><title>${title}</title>` }
}

function missing(): Answer {
  return { ...page('Not Found'), status: 404 }
}
