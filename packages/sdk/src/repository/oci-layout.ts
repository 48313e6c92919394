import { posix } from 'node:path'
import type { RepositoryAddress } from './address.js'

/**
 * A directory with an OCI layout for each image, on the runner or a mounted share. A relative path starts from the project's folder.
 * @throws {TypeError} when the path is empty, or none
 */
export function ociLayout(path: string): RepositoryAddress {
  if (typeof path !== 'string' || path === '')
    throw new TypeError(`Expected the path of a directory, got ${path === '' ? 'an empty text' : String(path)}`)
  return {
    type: 'oci-layout',
    origin: '',
    formats: ['image'],
    read: [],
    write: [],
    settings: { path: posix.normalize(path).replace(/(?<=.)\/$/, '') },
  }
}
