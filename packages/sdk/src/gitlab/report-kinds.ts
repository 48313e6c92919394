/** Kinds of report that the documentation lists, camelCase as in the SDK. @see https://docs.gitlab.com/ci/yaml/artifacts_reports/ */
export const documentedReports = [
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
  'licenseManagement',
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

/** Every kind of report that GitLab accepts, beside `coverage_report`, in GitLab's spelling. */
export const reportKinds: readonly string[] = [
  ...documentedReports.map((kind) => kind.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)),
  'api_fuzzing',
  'cluster_image_scanning',
  'coverage_fuzzing',
  'performance',
  'requirements_v2',
]
