import { onTestFinished } from 'vitest'
import { tls } from '../authority.js'
import { GenericPackages } from './generic-packages.js'
import type { GenericPackagesOptions } from './generic-packages-options.js'
import { type JobOptions, Jobs } from './jobs.js'
import type { Project, Token } from './project.js'
import { Projects } from './projects.js'
import { type GitlabOptions, type GitlabPart, type GitlabServer, startGitlab } from './start.js'

/** A job of the project 7. */
export const job: JobOptions = { name: 'seal', ref: { tag: 'v1' }, pipeline: 100, commit: 'c'.repeat(40) }

/** The tokens of people and programs of the tests, by their owners. */
export const tokens = {
  grace: 'glpat-grace-0f1e2d3c4b5a',
  reader: 'glpat-reader-0f1e2d3c4b5a',
  guest: 'glpat-guest-0f1e2d3c4b5a',
  mallory: 'glpat-mallory-0f1e2d3c4b5a',
  readApi: 'glpat-readapi-0f1e2d3c4b5a',
  bot: 'glpat-bot-0f1e2d3c4b5a',
  deploy: 'gldt-deploy-0f1e2d3c4b5a',
  pull: 'gldt-pull-0f1e2d3c4b5a',
}

const known: Readonly<Record<string, Token>> = {
  [tokens.grace]: { kind: 'personal', user: 'grace' },
  [tokens.reader]: { kind: 'personal', user: 'reader' },
  [tokens.guest]: { kind: 'personal', user: 'guest' },
  [tokens.mallory]: { kind: 'personal', user: 'mallory' },
  [tokens.readApi]: { kind: 'personal', user: 'grace', scope: 'read_api' },
  [tokens.bot]: { kind: 'project', project: 7, role: 'developer' },
  [tokens.deploy]: { kind: 'deploy', project: 7, scopes: ['read_package_registry', 'write_package_registry'] },
  [tokens.pull]: { kind: 'deploy', project: 7, scopes: ['read_package_registry'] },
}

/** A project with a member of each role; `ada` runs its jobs. */
export const project: Project = {
  id: 7,
  path: 'acme/acme',
  members: { ada: 'developer', grace: 'maintainer', reader: 'reporter', guest: 'guest' },
  tags: { v1: 'c'.repeat(40) },
}

/** The parts of a GitLab that a test names, and what its server is given. */
export interface EmulatedOptions extends GitlabOptions {
  readonly projects?: readonly Project[] | undefined
  readonly packages?: Omit<GenericPackagesOptions, 'jobs' | 'projects'> | undefined
  readonly more?: ((projects: Projects) => readonly GitlabPart[]) | undefined
}

/** A running GitLab with one project unless others are named, a job in it, and a function that asks with that job's token. */
export async function emulated({ projects: named = [project], packages: options, more, ...rest }: EmulatedOptions = {}) {
  const jobs = new Jobs()
  const projects = new Projects({ jobs, projects: named, tokens: known })
  const packages = new GenericPackages({ projects, ...options })
  const server = await startGitlab([jobs, ...(more?.(projects) ?? []), packages, projects], { tls, ...rest })
  onTestFinished(() => server.close())
  const token = jobs.start(job)
  return { jobs, projects, packages, server, token, ask: asking(server, { 'job-token': token }) }
}

/** Asks a server without following it elsewhere. */
export function asking(server: GitlabServer, own: Readonly<Record<string, string>>) {
  return (path: string, init: RequestInit = {}, headers: Readonly<Record<string, string>> = own) =>
    fetch(path.startsWith('http') ? path : `${server.url}${path}`, { redirect: 'manual', ...init, headers: { ...headers } })
}
