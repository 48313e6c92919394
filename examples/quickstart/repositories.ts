import { gitlabPackages, gitlabRegistry, gitlabRelease } from 'stagegate'

// GitLab alone: no other service, and no token but those that GitLab gives to jobs. Name your own project here.
export const project = { path: 'acme/hello' }

// Private: where artifacts wait. The project is private, too, or nothing is uploaded.
export const staging = gitlabPackages()
export const stagedImages = gitlabRegistry('registry.gitlab.com/acme/hello/staging')

// Where users get them: the page of releases with its files, and images in the registry.
export const stable = gitlabRelease({ notes: 'CHANGELOG.md' })
export const images = gitlabRegistry('registry.gitlab.com/acme/hello/release')

// Each job of a project can write to all of it, so the gate rests on what jobs run. A public project of its own, with a token, needs no trust.
export const trustsJobs = 'maintainers review what jobs run'
