import { bytes, type PlannedTarget, type StagedArtifact, sha256 } from '@stagegate/schema'
import { describe, expect, test } from 'vitest'
import { misplaced, publishedFolder, publishedPath } from './published-path.js'

const at = (path: string, name: string, version = '1.2.3') => publishedPath({ path }, version, { name, from: `out/${name}` })

describe('a file is published under', () => {
  test.each([
    ['acme/{version}', 'acme-linux-amd64.tar.gz', 'acme/1.2.3/acme-linux-amd64.tar.gz'],
    ['acme/v{version}/linux', 'acme', 'acme/v1.2.3/linux/acme'],
    ['{version}', 'SHA256SUMS', '1.2.3/SHA256SUMS'],
    ['downloads', 'acme-1.2.3.dmg', 'downloads/acme-1.2.3.dmg'],
    ['acme/{version}', 'a+b~rc1@x_=^.deb', 'acme/1.2.3/a+b~rc1@x_=^.deb'],
  ])('%s, as %s: %s', (path, name, expected) => {
    expect(at(path, name)).toBe(expected)
  })
})

describe('refused', () => {
  test.each(['Acme Setup.exe', 'acmé.tgz', '.DS_Store', '-rf', '~root', 'a:b', 'a%2Fb', 'a\nb', 'a\u202eb', '', '..', 'a\\b'])(
    'is the name %j',
    (name) => {
      expect(() => at('acme/{version}', name)).toThrow(expect.objectContaining({ name: 'UsageError', code: 'usage/file-name' }))
    },
  )

  test('is a path that every version would have', () => {
    expect(() => at('acme/latest', 'acme.tgz')).toThrow(
      expect.objectContaining({
        code: 'usage/file-path',
        where: 'out/acme.tgz',
        what: 'it would be published as acme/latest/acme.tgz in every version, but Stagegate never replaces a public file',
      }),
    )
  })

  test.each(['1/2', '..', '', 'a b', '../../etc', '.hidden'])('is a folder of the version %j', (version) => {
    expect(() => publishedFolder({ path: 'acme/{version}' }, version)).toThrow(expect.objectContaining({ code: 'usage/file-path' }))
  })
})

describe('an artifact of a target', () => {
  const files: PlannedTarget['what'] = { type: 'file', files: ['out/*'], path: 'acme/{version}' }
  const packages: PlannedTarget['what'] = { type: 'package', files: ['dist/*'] }
  const artifact = (path: string): StagedArtifact => ({
    coordinates: { format: 'file', path },
    content: { sha256: sha256('a'.repeat(64)), size: bytes(1) },
    repository: 'staging',
    location: path,
  })

  test.each(['acme/1.2.4/a', 'acme/1.2.3/sub/a', 'acme/1.2.3x/a', 'other/1.2.3/a', 'acme/1.2.3', 'a'])('is misplaced in %s', (path) => {
    expect(misplaced(files, '1.2.3', [artifact('acme/1.2.3/a'), artifact(path)])).toEqual(artifact(path))
  })

  test('is in its place in the folder of its version', () => {
    expect(misplaced(files, '1.2.3', [artifact('acme/1.2.3/a'), artifact('acme/1.2.3/b.tgz')])).toBeUndefined()
  })

  test('is no plain file where the target has packages', () => {
    expect(misplaced(packages, '1.2.3', [artifact('acme/1.2.3/a')])).toEqual(artifact('acme/1.2.3/a'))
  })
})
