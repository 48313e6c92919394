import { StagegateError } from '@stagegate/schema'
import type { Challenge } from './challenge.js'

/** Who asks an issuer for a token. A job of GitLab is known by the name that GitLab gives to its token. */
export type Asker = 'nobody' | 'job' | 'account'

export function askerIn(basic: string | undefined): Asker {
  if (basic === undefined) return 'nobody'
  return accountIn(basic).startsWith('gitlab-ci-token:') ? 'job' : 'account'
}

/** `NAME:PASSWORD` of a Basic header. */
export function accountIn(basic: string): string {
  return Buffer.from(basic.replace(/^Basic /, ''), 'base64').toString('utf8')
}

/** GitLab's registry, by the service that it names (`AUDIENCE` of app/services/auth/container_registry_authentication_service.rb). */
export function isGitlab({ parameters }: Pick<Challenge, 'parameters'>): boolean {
  return parameters.get('service') === 'container_registry'
}

/**
 * Advice where GitLab issued a token that allows less than was asked for: it says no in no other way
 * (`build_can_push?` and `build_can_pull?` of that file; the depth of names is that of lib/container_registry/path.rb).
 */
export function tooLittle(asker: Asker, pushes: boolean): string {
  switch (asker) {
    case 'nobody':
      return 'Make the project and its container registry public (Settings > General > Visibility), or give the address an account.'
    case 'account':
      return `Check that the token belongs to the project of this image and has the scope ${pushes ? 'write_registry' : 'read_registry'}, and that the image is at most two names below the project's path.`
    case 'job':
      return pushes
        ? "A job can push only to its own project's registry, with the Developer role, at most two names below the project's path. For another project's registry, give the address a deploy token of that project."
        : "If that is another project, add this project to Settings > CI/CD > Job token permissions there, and make the user who starts the job a member there. An image can be at most two names below its project's path."
  }
}

/** Advice where GitLab issues no token to somebody that it knows. */
export const protectedRepository =
  "If a rule protects this container repository, a user with the role that the rule names must start the job: see Settings > Packages and registries > Container registry of the image's project."

/** Advice for a job's token that was never good. */
export const unknownJob =
  'Check that the address names the GitLab of this job (gitlabRegistry(…, { gitlab })). If the job was cancelled or timed out, run it again.'

/** The error for a job's token that was good, and is not any more. It is not for good: the next job has another one. */
export function jobOver(where: string): StagegateError {
  return new StagegateError({
    code: 'repository/job-over',
    what: "GitLab no longer accepts this job's token (401): the job has ended, was cancelled or ran out of time",
    where,
    next: 'Run the job again; it sends only what is missing.',
  })
}
