import { describe, test } from 'vitest'
import { type ConformanceOptions, type Place, repositoryConformance } from './index.js'
import {
  directoryPlace,
  gcsPlace,
  gitlabPackagesPlace,
  gitlabRegistryPlace,
  httpFilesPlace,
  memoryPlace,
  memoryRegistryPlace,
  ociLayoutPlace,
  packagecloudPlace,
  registryPlace,
  s3Place,
  webdavPlace,
} from './places.js'
import {
  aptDirectoryPlace,
  aptGcsPlace,
  aptS3Place,
  filesDirectoryPlace,
  filesGcsPlace,
  filesS3Place,
  yumDirectoryPlace,
  yumS3Place,
} from './tree-places.js'

type Row = readonly [name: string, open: () => Place | Promise<Place>, options: ConformanceOptions]

/** Folders have no server, and no credentials. */
const folder = ['unreachable', 'refused', 'readOnly', 'losingAnswers'] as const
const memory = ['unreachable', 'failing', 'refused', 'readOnly', 'smallMemory', 'served'] as const

const repositories: readonly Row[] = [
  ['directory', directoryPlace, { formats: ['deb', 'rpm', 'file'], without: [...folder, 'copy', 'tags', 'referrers'] }],
  ['packagecloud', packagecloudPlace, { formats: ['deb', 'rpm'], without: ['copy', 'tags', 'referrers'] }],
  ['gitlabPackages', gitlabPackagesPlace, { formats: ['deb', 'rpm', 'file'], without: ['oneWinner', 'copy', 'tags', 'referrers'] }],
  ['s3', s3Place, { formats: ['deb', 'rpm', 'file'], without: ['tags', 'referrers'] }],
  ['gcs', gcsPlace, { formats: ['deb', 'rpm', 'file'], without: ['copy', 'tags', 'referrers'] }],
  ['files on a directory', filesDirectoryPlace, { formats: ['deb', 'rpm', 'file'], without: [...folder, 'copy', 'tags', 'referrers'] }],
  ['files on s3', filesS3Place, { formats: ['deb', 'rpm', 'file'], without: ['tags', 'referrers'] }],
  ['aptRepository on a directory', aptDirectoryPlace, { formats: ['deb'], index: true, without: [...folder, 'copy', 'tags', 'referrers'] }],
  ['yumRepository on a directory', yumDirectoryPlace, { formats: ['rpm'], index: true, without: [...folder, 'copy', 'tags', 'referrers'] }],
  ['aptRepository on s3', aptS3Place, { formats: ['deb'], index: true, without: ['copy', 'tags', 'referrers'] }],
  ['yumRepository on s3', yumS3Place, { formats: ['rpm'], index: true, without: ['copy', 'tags', 'referrers'] }],
  ['files on gcs', filesGcsPlace, { formats: ['deb', 'rpm', 'file'], without: ['copy', 'tags', 'referrers'] }],
  ['aptRepository on gcs', aptGcsPlace, { formats: ['deb'], index: true, without: ['copy', 'tags', 'referrers'] }],
  ['registry', registryPlace, { formats: ['image'] }],
  ['gitlab-registry', gitlabRegistryPlace, { formats: ['image'], without: ['deepNames', 'attachments'] }],
  ['oci-layout', ociLayoutPlace, { formats: ['image'], without: [...folder, 'copy'] }],
  ['httpFiles', httpFilesPlace, { formats: ['deb', 'rpm', 'file'], without: ['copy', 'tags', 'referrers'] }],
  ['webdav', webdavPlace, { formats: ['file'], without: ['served', 'copy', 'tags', 'referrers'] }],
  ['memoryRepository', memoryPlace, { formats: ['deb', 'rpm', 'file'], without: [...memory, 'copy', 'tags', 'referrers'] }],
  ['memoryRegistry', memoryRegistryPlace, { formats: ['image'], without: [...memory, 'losingAnswers'] }],
]

describe.each(repositories)('%s keeps what a repository promises', (name, open, options) => {
  for (const one of repositoryConformance(open, { ...options, name })) test(one.name, one.run)
})
