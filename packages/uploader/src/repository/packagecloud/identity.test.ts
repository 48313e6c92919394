import type { PackageCoordinates } from '@stagegate/schema'
import { describe, expect, test } from 'vitest'
import { fileNames, occupies } from './identity.js'
import type { PackageRow } from './wire.js'

const deb: PackageCoordinates = {
  format: 'deb',
  distribution: 'ubuntu/jammy',
  architecture: 'amd64',
  name: 'acme',
  version: '1:1.2.3-7',
  file: 'acme_1.2.3-7_amd64.deb',
}
const rpm: PackageCoordinates = {
  format: 'rpm',
  distribution: 'el/9',
  architecture: 'x86_64',
  name: 'acme',
  version: '1.2.3-1.el9',
  file: 'acme-1.2.3-1.el9.x86_64.rpm',
}

function row(of: PackageCoordinates, parts: Partial<PackageRow> = {}): PackageRow {
  const [, epoch, version, release] = /^(?:(\d+):)?(.*)-(.*)$/.exec(of.version) ?? []
  return {
    name: of.name,
    filename: of.file,
    distro_version: of.distribution,
    type: of.format,
    version,
    release,
    epoch,
    architecture: of.architecture,
    sha256sum: undefined,
    package_url: undefined,
    ...parts,
  }
}

describe('a package is in the place of coordinates', () => {
  test.each<[string, PackageCoordinates, Partial<PackageRow>]>([
    ['when all is the same', deb, {}],
    ['when the server has named the file after the package', { ...deb, file: 'nightly.deb' }, { filename: 'acme_1.2.3-7_amd64.deb' }],
    ['when the file has its name, whatever it says of itself', deb, { name: 'other', version: '9', type: 'dsc', architecture: 'all' }],
    ['when it is the same package under another name', deb, { filename: 'renamed.deb' }],
    ['when it is the same .rpm under another name', rpm, { filename: 'renamed.rpm' }],
    ['when the server gives the version whole', deb, { filename: 'renamed.deb', version: '1.2.3-7', release: undefined }],
    [
      'when the server gives the epoch within the version',
      deb,
      { filename: 'renamed.deb', version: '1:1.2.3-7', release: undefined, epoch: undefined },
    ],
    ['when the server says nothing of the epoch', deb, { filename: 'renamed.deb', epoch: undefined }],
    ['when only the epoch differs, for then the name is the same', deb, { epoch: '2' }],
  ])('%s', (_, at, parts) => {
    expect(occupies(row({ ...at, file: parts.filename ?? at.file }, parts), at)).toBe(true)
  })

  test.each<[string, PackageCoordinates, Partial<PackageRow>]>([
    ['in another distribution', deb, { distro_version: 'ubuntu/noble' }],
    ['in none', deb, { distro_version: undefined }],
    ['of another version', deb, { filename: 'acme_1.2.4-7_amd64.deb', version: '1.2.4' }],
    ['of another release', rpm, { filename: 'acme-1.2.3-2.el9.x86_64.rpm', release: '2.el9' }],
    ['of another architecture', deb, { filename: 'acme_1.2.3-7_arm64.deb', architecture: 'arm64' }],
    ['of another format', deb, { filename: 'acme_1.2.3-7.dsc', type: 'dsc' }],
    ['of another epoch under another name', deb, { filename: 'renamed.deb', epoch: '2' }],
    ['whose name only begins alike', deb, { filename: 'acme_1.2.3-7_amd64.deb.asc', name: 'acme-extra' }],
  ])('but not %s', (_, at, parts) => {
    expect(occupies(row(at, parts), at)).toBe(false)
  })
})

test('the file names are the built one and the derived one, which has no epoch', () => {
  expect(fileNames(deb)).toEqual(['acme_1.2.3-7_amd64.deb'])
  expect(fileNames({ ...deb, file: 'built.deb' })).toEqual(['built.deb', 'acme_1.2.3-7_amd64.deb'])
  expect(fileNames({ ...rpm, version: '2:1.2.3-1.el9' })).toEqual(['acme-1.2.3-1.el9.x86_64.rpm'])
})
