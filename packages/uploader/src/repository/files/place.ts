import { type Coordinates, fileOf, isPackage } from '@stagegate/schema'
import { type StorePath, storePath } from '../../store/index.js'
import { unsupported } from '../unsupported.js'

/**
 * The path of an artifact: a package at `ubuntu/jammy/acme_1.2.3_amd64.deb`, a plain file at its own path.
 * @throws {StagegateError} an image, a file in the place of our own folder, a path that a store cannot have
 */
export function placeOf(at: Coordinates): StorePath {
  if (isPackage(at)) return storePath(`${at.distribution}/${at.file}`)
  if (at.format !== 'file') throw unsupported('it accepts packages and plain files, not images', 'Publish it to a registry.', fileOf(at))
  return storePath(at.path)
}
