import type { Project } from './project.js'

/** When everything happened that nobody asks the time of. */
export const someTime = '2026-01-31T12:00:00.000Z'

/** The project's page. */
export function webUrl(project: Project, instance: string): string {
  return `${instance}/${project.path}`
}

/** lib/api/entities/project.rb, as far as it is needed here. */
export function shownProject(project: Project, instance: string): Record<string, unknown> {
  const { id, path, visibility = 'private', defaultBranch = 'main', packageRegistry } = project
  const [, name = path] = /([^/]+)$/.exec(path) ?? []
  const levels = { disabled: 'disabled', members: 'private', everyone: 'public' }
  return {
    id,
    name,
    path: name,
    path_with_namespace: path,
    visibility,
    default_branch: defaultBranch,
    web_url: webUrl(project, instance),
    created_at: someTime,
    archived: false,
    packages_enabled: packageRegistry !== 'disabled',
    package_registry_access_level: packageRegistry === undefined ? 'enabled' : levels[packageRegistry],
  }
}

/** lib/api/entities/commit.rb */
export function shownCommit(id: string): Record<string, unknown> {
  return {
    id,
    short_id: id.slice(0, 8),
    created_at: someTime,
    parent_ids: [],
    title: 'Release',
    message: 'Release\n',
    author_name: 'ada',
    authored_date: someTime,
  }
}

/** lib/api/entities/tag.rb */
export function shownTag(name: string, commit: string, isProtected: boolean): Record<string, unknown> {
  return { name, message: '', target: commit, commit: shownCommit(commit), release: null, protected: isProtected, created_at: null }
}
