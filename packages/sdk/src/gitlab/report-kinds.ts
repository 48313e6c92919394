/** Kinds of report that the SDK's types offer, in camelCase. @see https://docs.gitlab.com/ci/yaml/artifacts_reports/ */
export const offeredReports = [
  'accessibility',
  'annotations',
  'browserPerformance',
  'codequality',
  'containerScanning',
  'cyclonedx',
  'dast',
  'dependencyScanning',
  'dotenv',
  'junit',
  'licenseScanning',
  'loadPerformance',
  'lsif',
  'metrics',
  'repositoryXray',
  'requirements',
  'sarif',
  'sast',
  'secretDetection',
  'terraform',
] as const

/** The kinds of report that the linter accepts, beside `coverage_report`, in GitLab's spelling. */
export const reportKinds: readonly string[] = [
  ...offeredReports.map((kind) => kind.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)),
  'api_fuzzing',
  'cluster_image_scanning',
  'coverage_fuzzing',
  'performance',
  'requirements_v2',
]
