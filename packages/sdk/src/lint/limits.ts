/** What an administrator of GitLab can change, with GitLab's defaults. */
export interface Limits {
  /** Of one file, as it is written. */
  readonly fileBytes: number
  /** Of one file in GitLab's memory, aliases written out. */
  readonly expandedBytes: number
  /** Lists and mappings in one another. */
  readonly depth: number
  /** Files included, over all files. */
  readonly includes: number
  /** `needs` of one job, after the expansion of `parallel`. */
  readonly needs: number
  /** `needs` on other pipelines, and as many on other projects. */
  readonly crossNeeds: number
}

export const defaultLimits: Limits = {
  fileBytes: 2 * 1024 * 1024,
  expandedBytes: 2 * 1024 * 1024,
  depth: 100,
  includes: 150,
  needs: 50,
  crossNeeds: 5,
}
