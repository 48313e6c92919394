import { describe, expect, test } from 'vitest'
import { contradictions, type PackageTarget } from './contradictions.js'
import type { DebIdentity, RpmIdentity } from './identity.js'

const deb = (architecture: string): DebIdentity => ({
  format: 'deb',
  name: 'acme',
  version: '1.2.3',
  architecture,
  canonicalFile: `acme_1.2.3_${architecture}.deb`,
})
const rpm = (architecture: string, release = '1.el9'): RpmIdentity => ({
  format: 'rpm',
  name: 'acme',
  version: `1.2.3-${release}`,
  release,
  architecture,
  source: architecture === 'src',
  canonicalFile: `acme-1.2.3-${release}.${architecture}.rpm`,
})
const codes = (identity: DebIdentity | RpmIdentity, target: PackageTarget, file = identity.canonicalFile) =>
  contradictions(identity, target, file).map(({ code }) => code)

describe('contradictions', () => {
  test.each([
    [deb('amd64'), {}],
    [deb('amd64'), { distribution: 'ubuntu/jammy', architecture: 'amd64' }],
    [deb('amd64'), { distribution: 'debian/bookworm', architecture: 'x86_64' }],
    [deb('all'), { distribution: 'raspbian/bookworm', architecture: 'armhf' }],
    [deb('amd64'), { distribution: 'any/any' }],
    [deb('amd64'), { distribution: 'homemade/1' }],
    [rpm('x86_64'), { distribution: 'homemade/1' }],
    [rpm('x86_64'), { distribution: 'el/9', architecture: 'amd64' }],
    [rpm('aarch64'), { distribution: 'rocky/9.3', architecture: 'arm64' }],
    [rpm('armv7hl'), { architecture: 'armhf' }],
    [rpm('i686'), { architecture: 'i386' }],
    [rpm('noarch'), { distribution: 'ol/9', architecture: 's390x' }],
    [rpm('s390x'), { architecture: 's390x' }],
    [rpm('src'), { distribution: 'el/9', architecture: 'source' }],
    [rpm('src'), { distribution: 'el/9' }],
    [rpm('x86_64', 'ee.0.el9_4'), { distribution: 'el/9' }],
    [rpm('x86_64', '1'), { distribution: 'el/9' }],
    [rpm('x86_64', '1.amzn2023'), { distribution: 'amazon/2023' }],
    [rpm('x86_64', '1.fc41'), { distribution: 'fedora/41' }],
    [rpm('x86_64', '1.el8'), { distribution: 'amazon/2' }],
    [rpm('x86_64', '1.el8'), { distribution: 'opensuse/15.6' }],
    [rpm('x86_64', '1.el8'), { distribution: 'rpm_any/rpm_any' }],
    [rpm('x86_64', '1.elastic8'), { distribution: 'el/9' }],
  ])('finds none between %o and %o', (identity, target) => {
    expect(codes(identity, target)).toEqual([])
  })

  test.each([
    [deb('amd64'), { distribution: 'el/9' }, ['package/wrong-format']],
    [deb('amd64'), { distribution: 'rpm_any/rpm_any' }, ['package/wrong-format']],
    [rpm('x86_64'), { distribution: 'ubuntu/jammy' }, ['package/wrong-format']],
    [deb('amd64'), { architecture: 'arm64' }, ['package/wrong-architecture']],
    [deb('amd64'), { architecture: 'all' }, ['package/wrong-architecture']],
    [rpm('x86_64'), { architecture: 'aarch64' }, ['package/wrong-architecture']],
    [rpm('x86_64_v2'), { architecture: 'x86_64' }, ['package/wrong-architecture']],
    [rpm('src'), { architecture: 'x86_64' }, ['package/source-package']],
    [rpm('x86_64', '1.el8'), { distribution: 'el/9' }, ['package/wrong-release']],
    [rpm('x86_64', '1.el9'), { distribution: 'ol/10' }, ['package/wrong-release']],
    [rpm('x86_64', '1.amzn2'), { distribution: 'amazon/2023' }, ['package/wrong-release']],
    [rpm('x86_64', '1.fc40'), { distribution: 'fedora/41' }, ['package/wrong-release']],
    [rpm('x86_64', '1.fc40'), { distribution: 'el/9' }, ['package/wrong-release']],
    [rpm('x86_64', '1.amzn2023'), { distribution: 'el/9' }, ['package/wrong-release']],
    [rpm('aarch64', '1.el8'), { distribution: 'el/9', architecture: 'amd64' }, ['package/wrong-architecture', 'package/wrong-release']],
  ])('finds those between %o and %o', (identity, target, expected) => {
    expect(codes(identity, target)).toEqual(expected)
  })

  test('finds a file that is named as the other format', () => {
    expect(codes(rpm('x86_64'), {}, 'dist/acme.deb')).toEqual(['package/wrong-extension'])
    expect(codes(deb('amd64'), {}, 'dist/acme.RPM')).toEqual(['package/wrong-extension'])
    expect(codes(deb('amd64'), {}, 'dist/acme')).toEqual([])
  })

  test('says which file, what was found, what is expected, and what to do', () => {
    expect(contradictions(rpm('x86_64', '1.el8'), { distribution: 'el/9' }, 'dist/acme.rpm').map(({ message }) => message)).toEqual([
      'dist/acme.rpm has the release 1.el8, built for el8, but el/9 takes .el9. Build it on el/9, or correct the target.',
    ])
  })
})
