import type { Answer } from '../server/respond.js'
import { type Found, forbidden, notFound, permissionMissing } from './answers.js'
import { type Asker, isPermitted, isVisible, may } from './asker.js'
import { isRead } from './entrance.js'
import { jsonBody } from './json-body.js'
import { answerLinks } from './link-service.js'
import { paged } from './paged.js'
import { entranceOf, type Projects } from './projects.js'
import { answerPages, downloadOf, latestOf } from './release-pages.js'
import { type GitlabRelease, type ReleaseOptions, ReleaseRows } from './release-rows.js'
import { type Admitted, createRelease, type ReleasePorts, updateRelease } from './release-service.js'
import { shownRelease } from './release-shown.js'
import type { GitlabAsked, GitlabPart } from './start.js'

/** Settings of the releases of an instance. */
export interface ReleasesOptions {
  /** The projects, and who may come in. */
  readonly projects: Projects
  /**
   * How many lists are the same as one that somebody got, whatever was released meanwhile: GitLab keeps lists for up to five minutes, apart
   * for each user. One release is always shown as it is. @default 0
   */
  readonly listLag?: number | undefined
  /** The paths that links may have. @default GitLab's, which has no `+` and no `~` */
  readonly pathPattern?: RegExp | undefined
  /** The server's clock. @default this machine's */
  readonly now?: (() => string) | undefined
}

/** Releases and their links: lib/api/releases.rb and lib/api/release/links.rb, and the pages that users download from. */
export class Releases implements GitlabPart {
  readonly #rows = new ReleaseRows()
  readonly #ports: ReleasePorts
  readonly #lag: number
  readonly #lists = new Map<string, { readonly shown: readonly object[]; left: number }>()

  constructor({ projects, listLag = 0, pathPattern, now = () => new Date().toISOString() }: ReleasesOptions) {
    this.#ports = { entrance: entranceOf(projects), rows: this.#rows, now, pathPattern }
    this.#lag = listLag
  }

  /** The releases of all projects, the oldest first. */
  get all(): readonly GitlabRelease[] {
    return this.#rows.all
  }

  /** Somebody else makes a release. */
  add(release: ReleaseOptions): GitlabRelease {
    return this.#rows.add(release, this.#ports.now())
  }

  /** Somebody else changes a release. */
  change(project: number, tag: string, changed: Partial<GitlabRelease>): void {
    const row = this.#rows.find(project, tag)
    if (row !== undefined) this.#rows.replace(row, changed)
  }

  /** A maintainer deletes a release; the tag stays. */
  delete(project: number, tag: string): void {
    this.#rows.delete(project, tag)
  }

  /** Answers requests for releases, and for the pages that users see; `undefined` for others. */
  async answer(asked: GitlabAsked): Promise<Answer | undefined> {
    const { pathname } = asked.url
    const [, id, rest = ''] = /^\/api\/v4\/projects\/([^/]+)\/releases(\/.*)?$/.exec(pathname) ?? []
    if (id === undefined) return answerPages(asked, this.#ports)
    const admitted = this.#admitted(asked, id)
    if ('refused' in admitted) return admitted.refused
    if (rest === '') return this.#collection(asked, admitted.found)
    const [, tag = '', more] = /^\/([^/]+)(\/.*)?$/.exec(rest) ?? []
    const links = /^\/assets\/links(?:\/(\d+))?$/.exec(more ?? '')
    if (links !== null) return answerLinks(asked, admitted.found, { tag: decodeURIComponent(tag), id: links[1] }, this.#ports)
    if (more === undefined) return this.#one(asked, admitted.found, decodeURIComponent(tag))
    return isRead(asked.request) ? this.#led(asked, admitted.found, rest) : undefined
  }

  #admitted(asked: GitlabAsked, id: string): Found<Admitted> {
    // Tokens for deployments do not reach releases, and Basic is for packages.
    const asker = this.#ports.entrance.askerOf(asked, { job: true, deployAndBasic: false })
    if ('refused' in asker) return asker
    const project = this.#ports.entrance.admit(asker.found, id)
    if ('refused' in project) return project
    const isPublic = isRead(asked.request) && isVisible(asker.found, project.found)
    const permission = isRead(asked.request) ? 'READ_RELEASES' : 'ADMIN_RELEASES'
    if (!isPublic && !isPermitted(asker.found, project.found, permission))
      return { refused: permissionMissing(project.found.path, permission.toLowerCase()) }
    if (!may(asker.found, project.found, 'read_release')) return { refused: forbidden() }
    return { found: { asker: asker.found, project: project.found } }
  }

  async #collection(asked: GitlabAsked, admitted: Admitted): Promise<Answer | undefined> {
    if (isRead(asked.request)) return paged(this.#listed(asked, admitted), asked)
    if (asked.request.method !== 'POST') return undefined
    const body = await jsonBody(asked)
    if (body === undefined || 'refused' in body) return body?.refused
    const created = createRelease(admitted, body.found, this.#ports)
    if ('refused' in created) return created.refused
    if (asked.fault.acceptAndForget) this.delete(created.found.project, created.found.tag)
    return { status: 201, json: this.#shown(created.found, asked, admitted) }
  }

  #listed(asked: GitlabAsked, admitted: Admitted): readonly object[] {
    const { searchParams } = asked.url
    const key = [userOf(admitted.asker), admitted.project.id, searchParams.get('order_by'), searchParams.get('sort')].join(' ')
    const kept = this.#lists.get(key)
    if (kept !== undefined && kept.left-- > 0) return kept.shown
    const by = searchParams.get('order_by') === 'created_at' ? 'createdAt' : 'releasedAt'
    const rows = this.#rows.all.filter(({ project }) => project === admitted.project.id)
    const sorted = [...rows].sort((one, other) => Date.parse(one[by]) - Date.parse(other[by]))
    if (searchParams.get('sort') !== 'asc') sorted.reverse()
    const shown = sorted.map((row) => this.#shown(row, asked, admitted))
    this.#lists.set(key, { shown, left: this.#lag })
    return shown
  }

  async #one(asked: GitlabAsked, admitted: Admitted, tag: string): Promise<Answer | undefined> {
    const release = this.#rows.find(admitted.project.id, tag)
    if (isRead(asked.request)) {
      if (!may(admitted.asker, admitted.project, 'read_code')) return forbidden()
      return release === undefined ? notFound() : { status: 200, json: this.#shown(release, asked, admitted) }
    }
    if (asked.request.method !== 'PUT') return undefined
    // Nobody has a right to change what is not there: `authorize! :update_release, nil`.
    if (release === undefined) return forbidden()
    const body = await jsonBody(asked)
    if (body === undefined || 'refused' in body) return body?.refused
    const updated = updateRelease(admitted, release, body.found, this.#ports)
    return 'refused' in updated ? updated.refused : { status: 200, json: this.#shown(updated.found, asked, admitted) }
  }

  /** `…/permalink/latest` and `…/:tag/downloads/PATH`, which lead elsewhere. */
  #led(asked: GitlabAsked, { asker, project }: Admitted, rest: string): Answer | undefined {
    if (!may(asker, project, 'read_code')) return forbidden()
    const api = `${asked.instance}/api/v4/projects/${project.id}/releases`
    const latest = /^\/permalink\/latest(?:\/(.*))?$/.exec(rest)
    if (latest !== null) return latestOf(this.#rows.all, project, api, latest[1])
    const [, tag = '', path] = /^\/([^/]+)\/downloads\/(.+)$/.exec(rest) ?? []
    return path === undefined ? undefined : (downloadOf(this.#rows.find(project.id, decodeURIComponent(tag)), path) ?? notFound())
  }

  #shown(release: GitlabRelease, { instance }: GitlabAsked, { asker, project }: Admitted): Record<string, unknown> {
    return shownRelease(release, { asker, project, instance, now: this.#ports.now() })
  }
}

function userOf(asker: Asker): string {
  if (asker.kind === 'job') return asker.job.user
  return asker.kind === 'personal' ? asker.user : asker.kind
}
