// An emulated GitLab for a whole release: its API, its packages, its page of releases and its registry, over HTTPS on loopback.
import { execFileSync } from 'node:child_process'
import { GenericPackages, Jobs, Projects, Releases, startGitlabRegistry } from '@stagegate/uploader/testing'

/** See gitlab.d.mts. */
export async function startWholeGitlab({ path, tag, tls, visibility = 'private' }) {
  const project = { id: 7, path }
  const members = { ada: 'maintainer' }
  const jobs = new Jobs()
  const known = { ...project, visibility, members }
  const projects = new Projects({ jobs, projects: [known] })
  let commit = ''
  const packages = new GenericPackages({ projects, downloads: 'storage' })
  const releases = new Releases({ projects })
  const parts = [jobs, packages, releases, projects]
  const { gitlab, registry, close } = await startGitlabRegistry({ tls, jobs, parts, projects: [{ path, members }] })
  return {
    url: gitlab.url,
    registry: registry.url,
    packages,
    releases,
    violations: () => [...gitlab.violations, ...registry.violations],
    requests: () => [...gitlab.requests, ...registry.requests],
    push(head) {
      commit = head
      projects.tagsOf(known).set(tag, head)
    },
    startJob: (name, pipeline = 100) => jobs.start({ name, ref: { tag }, pipeline, commit, project }),
    endJob: (token) => jobs.end(token),
    close,
  }
}

/** See gitlab.d.mts. */
export function onGitlab(text, { url, registry }, ca) {
  const trust = `ca: ${JSON.stringify(ca)}`
  return text
    .replaceAll(/project(: |\s*=\s*)\{ path:/g, `project$1{ url: '${url}', ${trust}, path:`)
    .replaceAll(
      /gitlabRegistry\('registry\.gitlab\.com\/([^']*)'\)/g,
      `gitlabRegistry('${new URL(registry).host}/$1', { gitlab: '${url}', ${trust} })`,
    )
}

/** See gitlab.d.mts. */
export function headOf(checkout) {
  return execFileSync('git', ['rev-parse', 'HEAD'], { cwd: checkout, encoding: 'utf8' }).trim()
}
