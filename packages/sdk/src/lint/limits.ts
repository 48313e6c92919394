import { gitlabLimits } from '../gitlab/limits.js'

/** Limits that an administrator of GitLab can change. */
export interface Limits {
  /** The size of one file as it is written. */
  readonly fileBytes: number
  /** The size of one file in GitLab's memory, with aliases expanded. */
  readonly expandedBytes: number
  /** Nesting of lists and mappings. */
  readonly depth: number
  /** Included files in total. */
  readonly includes: number
  /** `needs` of one job, after the expansion of `parallel`. */
  readonly needs: number
  /** `needs` on other pipelines, and separately on other projects. */
  readonly crossNeeds: number
}

/** @see https://docs.gitlab.com/administration/instance_limits/#cicd-limits */
export const defaultLimits: Limits = {
  fileBytes: 2 * 1024 * 1024,
  expandedBytes: 2 * 1024 * 1024,
  depth: 100,
  includes: 150,
  needs: gitlabLimits.needs,
  crossNeeds: 5,
}
