import type { Answer } from '../server/respond.js'
import { type Found, forbidden, notFound, permissionMissing, unauthorized } from './answers.js'
import { type Asker, isPermitted, isVisible, may, roleIn } from './asker.js'
import type { Entrance } from './entrance.js'
import { matches, type Project } from './project.js'

/** A visitor is asked for a credential, and nobody else is told why: lib/api/helpers/packages/basic_auth_helpers.rb. */
export function unseen(asker: Asker): Answer {
  if (asker.kind !== 'nobody') return notFound()
  return { ...unauthorized(), headers: { 'www-authenticate': 'Basic realm="GitLab Packages Registry"' } }
}

/** The project whose files somebody may download by name and version. */
export function readableByName(entrance: Entrance, asker: Asker, id: string): Found<Project> {
  const project = entrance.find(id)
  if (project === undefined) return { refused: unseen(asker) }
  if (!may(asker, project, 'read_package')) return { refused: may(asker, project, 'read_project') ? forbidden() : unseen(asker) }
  return permittedToRead(asker, project)
}

/** The project whose lists of packages somebody may read. */
export function readable(entrance: Entrance, asker: Asker, id: string): Found<Project> {
  const admitted = entrance.admit(asker, id)
  if ('refused' in admitted) return admitted
  return may(asker, admitted.found, 'read_package') ? permittedToRead(asker, admitted.found) : { refused: forbidden() }
}

/** Packages that everybody reads need no permission: `allow_public_access_for_enabled_project_features`. */
function permittedToRead(asker: Asker, project: Project): Found<Project> {
  const isPublic = project.packageRegistry === 'everyone' || (isVisible(asker, project) && project.packageRegistry === undefined)
  if (isPublic || isPermitted(asker, project, 'READ_PACKAGES')) return { found: project }
  return { refused: permissionMissing(project.path, 'read_packages') }
}

/** The project that somebody may upload to, asked in GitLab's order, before the body is read: `put 'authorize'` of lib/api/generic_packages.rb. */
export function writable(
  entrance: Entrance,
  asker: Asker,
  id: string,
  {
    name,
    protectedNames = {},
  }: { readonly name: string; readonly protectedNames?: Readonly<Record<string, 'maintainer' | 'nobody'>> | undefined },
): Found<Project> {
  const project = entrance.find(id)
  if (project === undefined || !may(asker, project, 'read_project')) return { refused: notFound() }
  if (!may(asker, project, 'create_package')) return { refused: forbidden() }
  if (!isPermitted(asker, project, 'ADMIN_PACKAGES')) return { refused: permissionMissing(project.path, 'admin_packages') }
  const rules = Object.entries(protectedNames).filter(([pattern]) => matches(name, pattern))
  const isKept = rules.some(([, least]) => least === 'nobody' || roleIn(asker, project) !== 'maintainer')
  return isKept ? { refused: forbidden('Package protected.') } : { found: project }
}
