/** Limits of GitLab that no administrator changes, and the default of one that some lower: `needs`. */
export const gitlabLimits = {
  /** `needs` of one job. @see https://docs.gitlab.com/ci/yaml/#needs */
  needs: 50,
  /** Characters of a job's name: the column of the database is no longer. */
  jobName: 255,
  /** Jobs of one `parallel`. @see https://docs.gitlab.com/ci/yaml/#parallel */
  parallel: 200,
  /** @see https://docs.gitlab.com/ci/yaml/#retry */
  retries: 2,
  /** Globs of `changes` and of `exists`. @see https://docs.gitlab.com/ci/yaml/#ruleschanges */
  globs: 50,
  /** Tags of a job are fewer than this. @see https://docs.gitlab.com/ci/yaml/#tags */
  tags: 50,
  /** @see https://docs.gitlab.com/ci/yaml/#cache */
  caches: 4,
  /** @see https://docs.gitlab.com/ci/yaml/#cachefallback_keys */
  fallbackKeys: 5,
  /** Characters of an environment's URL, a pipeline's name, and the user of an image. */
  line: 255,
  /** Characters of an image's platform. */
  platform: 64,
  /** Characters of `artifacts:expose_as`. */
  exposeAs: 100,
} as const
