import { type Asker, may } from './asker.js'
import { shownUser } from './jobs.js'
import type { Project } from './project.js'
import type { ReleaseLink } from './release-links.js'
import type { GitlabRelease } from './release-rows.js'
import { shownCommit, someTime, webUrl } from './shown.js'

/** The page of a release; a tag's slashes are %-encoded in it. */
function releaseUrl(project: Project, tag: string, instance: string): string {
  return `${webUrl(project, instance)}/-/releases/${encodeURIComponent(tag)}`
}

/** lib/api/entities/releases/link.rb. No digest and no size: GitLab knows nothing of where a link leads. */
export function shownLink(link: ReleaseLink, { tag }: GitlabRelease, project: Project, instance: string): Record<string, unknown> {
  const { id, name, url, directAssetPath, type } = link
  const direct = directAssetPath === undefined ? url : `${releaseUrl(project, tag, instance)}/downloads${directAssetPath}`
  const external = !url.startsWith(webUrl(project, instance))
  return { id, name, url, direct_asset_url: direct, external, link_type: type }
}

/** lib/api/entities/release.rb. Without the right to read code nothing tells the tag. */
export function shownRelease(release: GitlabRelease, { asker, project, instance, now }: ReleaseView): Record<string, unknown> {
  const { tag, commit, name, description, releasedAt, createdAt, milestones, author } = release
  const links = release.links.map((link) => shownLink(link, release, project, instance)).reverse()
  const archive = `${webUrl(project, instance)}/-/archive/${encodeURIComponent(tag)}/${project.path.split('/').at(-1)}-${tag.replaceAll('/', '-')}`
  const sources = ['zip', 'tar.gz', 'tar.bz2', 'tar'].map((format) => ({ format, url: `${archive}.${format}` }))
  const code = may(asker, project, 'read_code')
  return {
    name: code ? name : 'Release-1',
    ...(code && { tag_name: tag }),
    description,
    created_at: createdAt,
    released_at: releasedAt,
    author: shownUser(author),
    ...(code && { commit: shownCommit(commit) }),
    upcoming_release: Date.parse(releasedAt) > Date.parse(now),
    ...(milestones.length > 0 && {
      milestones: milestones.map((title, index) => ({ id: index + 1, title, state: 'active', created_at: someTime })),
    }),
    ...(code && { commit_path: `/${project.path}/-/commit/${commit}`, tag_path: `/${project.path}/-/tags/${tag}` }),
    assets: { count: links.length + (code ? sources.length : 0), ...(code && { sources }), links },
    // Written by a background job, later than any answer: app/workers/releases/create_evidence_worker.rb
    ...(code && { evidences: [] }),
    _links: { self: releaseUrl(project, tag, instance) },
  }
}

/** For whom, and where, a release is shown. */
export interface ReleaseView {
  readonly asker: Asker
  readonly project: Project
  readonly instance: string
  readonly now: string
}
