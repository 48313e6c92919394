import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { machineAtEnd, sameMachine } from './architectures.js'
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
    [rpm('x86_64', '1.el8_9'), { distribution: 'el/9' }, ['package/wrong-release']],
    [rpm('x86_64', '1.el8.2'), { distribution: 'el/9' }, ['package/wrong-release']],
    [rpm('x86_64', '1.el10'), { distribution: 'el/1' }, ['package/wrong-release']],
    [rpm('x86_64', '1.amzn2'), { distribution: 'amazon/2023' }, ['package/wrong-release']],
    [rpm('x86_64', '1.fc40'), { distribution: 'fedora/41' }, ['package/wrong-release']],
    [rpm('x86_64', '1.fc40'), { distribution: 'el/9' }, ['package/wrong-release']],
    [rpm('x86_64', '1.amzn2023'), { distribution: 'el/9' }, ['package/wrong-release']],
    [rpm('aarch64', '1.el8'), { distribution: 'el/9', architecture: 'amd64' }, ['package/wrong-architecture', 'package/wrong-release']],
  ])('finds those between %o and %o', (identity, target, expected) => {
    expect(codes(identity, target)).toEqual(expected)
  })

  test.each([
    ['deb', ['any', 'debian', 'elementaryos', 'linuxmint', 'raspbian', 'ubuntu']],
    [
      'rpm',
      ['alma', 'almalinux', 'amazon', 'centos', 'el', 'fedora', 'ol', 'opensuse', 'poky', 'rhel', 'rocky', 'rpm_any', 'scientific', 'sles'],
    ],
  ] as const)('knows who installs .%s packages', (format, families) => {
    const other = format === 'deb' ? rpm('noarch', '1') : deb('all')
    for (const family of families) {
      expect(codes(other, { distribution: `${family}/1` }), family).toEqual(['package/wrong-format'])
      expect(codes(format === 'deb' ? deb('all') : rpm('noarch', '1'), { distribution: `${family}/1` }), family).toEqual([])
    }
    expect(codes(other, { distribution: 'homemade/1' })).toEqual([])
  })

  test.each([
    ...['alma', 'almalinux', 'centos', 'el', 'ol', 'rhel', 'rocky', 'scientific'].map((family) => [family, 'el'] as const),
    ['fedora', 'fc'],
    ['amazon', 'amzn'],
  ] as const)('knows that releases for %s carry .%s', (family, tag) => {
    expect(codes(rpm('noarch', `1.${tag}9`), { distribution: `${family}/9` })).toEqual([])
    expect(codes(rpm('noarch', `1.${tag}9`), { distribution: `${family}/10.1` })).toEqual(['package/wrong-release'])
    expect(codes(rpm('noarch', `1.${tag}9`), { distribution: `${family}/rawhide` })).toEqual([])
  })

  test('finds a file that is named as the other format', () => {
    expect(codes(deb('amd64'), {}, 'acme.rpm.txt')).toEqual([])
    expect(codes(rpm('x86_64'), {}, 'dist/acme.deb')).toEqual(['package/wrong-extension'])
    expect(codes(deb('amd64'), {}, 'dist/acme.RPM')).toEqual(['package/wrong-extension'])
    expect(codes(deb('amd64'), {}, 'dist/acme')).toEqual([])
  })

  test.each([
    [deb('amd64'), 'acme_1.2.4_amd64.deb', 'version 1.2.4'],
    [deb('amd64'), 'acme_1.2.4-1~jammy_amd64.deb', 'version 1.2.4-1~jammy'],
    [deb('amd64'), 'acme_2%3a1.3_amd64.deb', 'version 1.3'],
    [deb('amd64'), 'other_1.2.3_amd64.deb', 'name other'],
    [deb('amd64'), 'acme_1.2.3_arm64.deb', 'architecture arm64'],
    [deb('amd64'), 'acme-linux-arm64.deb', 'architecture arm64'],
    [deb('amd64'), 'acme_11.2.3_amd64.deb', 'version 11.2.3'],
    [{ ...deb('amd64'), name: 'acme-3' }, 'acme-2_1.2.3_amd64.deb', 'name acme-2'],
    [{ ...deb('amd64'), version: '12:1.2.3' }, 'acme_12.1.2_amd64.deb', 'version 12.1.2'],
    [{ ...deb('amd64'), version: '12:1.2.3' }, 'acme_12%3a1.4_amd64.deb', 'version 1.4'],
    [rpm('x86_64'), 'acme-11.2.3-1.el9.x86_64.rpm', 'version 11.2.3-1.el9'],
    [deb('amd64'), 'Acme_1.2.4_ARM64.DEB', 'version 1.2.4 and architecture arm64'],
    [rpm('x86_64'), 'acme-1.2.4-1.el9.x86_64.rpm', 'version 1.2.4-1.el9'],
    [rpm('x86_64'), 'acme-1.2.3-2.el9.x86_64.rpm', 'version 1.2.3-2.el9'],
    [rpm('x86_64'), 'other-1.2.3-1.el9.x86_64.rpm', 'name other'],
    [rpm('x86_64'), 'acme-1.2.3-1.el9.aarch64.rpm', 'architecture aarch64'],
    [rpm('src'), 'acme-1.2.3-1.el9.x86_64.rpm', 'architecture x86_64'],
  ])('finds that %o says something else by the name %s', (identity, file, says) => {
    expect(contradictions(identity, {}, file)).toEqual([
      {
        code: 'package/wrong-file-name',
        message: `${file} has ${says} in its name, but its content is ${identity.canonicalFile}. Find out which of the two is right, and correct the build.`,
      },
    ])
  })

  test.each([
    [deb('amd64'), 'acme.deb'],
    [deb('amd64'), 'acme_current_amd64.deb'],
    [deb('amd64'), 'acme_20240101_amd64.deb'],
    [deb('amd64'), 'acme_v9.9.9_amd64.deb'],
    [deb('amd64'), 'acme_9.9.9.deb'],
    [deb('amd64'), 'acme_1.2.3_linux_amd64.deb'],
    [deb('amd64'), 'acme_1.2.3-ubuntu-jammy_amd64.deb'],
    [deb('amd64'), 'acme_1.2_amd64.deb'],
    [deb('amd64'), 'acme_1.02.3_amd64.deb'],
    [deb('amd64'), 'acme_1.002.3_amd64.deb'],
    [{ ...deb('amd64'), version: '1.10.3' }, 'acme_1.10.3_amd64.deb'],
    [{ ...deb('amd64'), version: '12:1.2.3' }, 'acme_12%3A1.2.3_amd64.deb'],
    [{ ...deb('amd64'), version: '12:1.2.3' }, 'acme_12:1.2.3_amd64.deb'],
    [{ ...deb('amd64'), version: '1.2.3+rc2' }, 'acme_1.2.3-RC2_amd64.deb'],
    [{ ...deb('amd64'), version: '1.2.3-beta' }, 'acme_1.2.3-linux_amd64.deb'],
    [deb('amd64'), 'x_acme_9.9.9_amd64.deb'],
    [deb('amd64'), 'acme_9.9.9_amd64_signed.deb'],
    [rpm('x86_64'), 'acme-9.9.9.x86_64-signed.rpm'],
    [deb('amd64'), 'acme-jammy_1.2.3_x86_64.deb'],
    [deb('amd64'), 'Acme Desktop_1.2.3_amd64.deb'],
    [deb('amd64'), 'acme-all.deb'],
    [deb('all'), 'acme_1.2.3_arm64.deb'],
    [rpm('x86_64'), 'acme-1.2.3.x86_64.rpm'],
    [rpm('x86_64'), 'acme-1.2.3-linux-beta.x86_64.rpm'],
    [rpm('x86_64'), 'acme-1.2.3-1.x86_64.rpm'],
    [rpm('x86_64'), 'acme-4711.x86_64.rpm'],
    [rpm('x86_64'), 'acme-el9-amd64.rpm'],
    [rpm('src'), 'acme-1.2.3-1.el9.src.rpm'],
    [{ ...rpm('noarch'), name: 'acme-2' }, 'acme-2-1.2.3.noarch.rpm'],
    [{ ...deb('amd64'), version: '1:1.2.3~rc1+git5-1' }, 'acme_1.2.3-rc.1_amd64.deb'],
  ])('does not find that %o says something else by the name %s', (identity, file) => {
    expect(contradictions(identity, {}, file)).toEqual([])
  })

  test('never finds anything in the name that the format itself gives', () => {
    const name = fc.stringMatching(/^[a-z0-9][a-z0-9+.-]{1,12}$/)
    const version = fc.stringMatching(/^(?:\d:)?\d[a-z0-9.+~]{0,8}$/)
    const architecture = fc.constantFrom('amd64', 'arm64', 'all', 'i386', 'kfreebsd-amd64', 'hurd-i386')
    fc.assert(
      fc.property(name, version, architecture, (name, version, architecture) => {
        const plain = version.replace(/^\d:/, '')
        const identity = { format: 'deb', name, version, architecture, canonicalFile: `${name}_${plain}_${architecture}.deb` } as const
        expect(contradictions(identity, {}, identity.canonicalFile)).toEqual([])
        const file = `${name}-${plain}-1.el9.${architecture}.rpm`
        const rpm = {
          ...identity,
          format: 'rpm',
          version: `${version}-1.el9`,
          release: '1.el9',
          source: false,
          canonicalFile: file,
        } as const
        expect(contradictions(rpm, {}, file)).toEqual([])
      }),
      { numRuns: 1_000 },
    )
  })

  test('knows the machines that build packages, by both formats’ names', () => {
    const pairs = [
      'amd64 x86_64',
      'arm64 aarch64',
      'armhf armv7hl',
      'armhf armv7hnl',
      'armel armv5tel',
      'i386 i486',
      'i386 i586',
      'i386 i686',
    ]
    for (const pair of [...pairs, 'loong64 loongarch64', 'ppc64el ppc64le', 'source src', 'source nosrc', 'all noarch']) {
      const [one = '', other = ''] = pair.split(' ')
      expect(sameMachine(one, other) && sameMachine(other, one), pair).toBe(true)
      expect(sameMachine(one, 's390x') || sameMachine(other, 'riscv64'), pair).toBe(false)
    }
    expect(sameMachine('sparc64', 'sparc64')).toBe(true)
    expect(machineAtEnd('acme-riscv64')).toBe('riscv64')
    expect(machineAtEnd('acme_s390x')).toBe('s390x')
    expect(machineAtEnd('acmeamd64')).toBeUndefined()
    expect(machineAtEnd('amd64')).toBeUndefined()
  })

  test('says which file, what was found, what is expected, and what to do', () => {
    expect(contradictions(rpm('x86_64', '1.el8'), { distribution: 'el/9' }, 'dist/acme.rpm').map(({ message }) => message)).toEqual([
      'dist/acme.rpm has the release 1.el8, built for el8, but el/9 needs .el9. Build it on el/9, or correct the target.',
    ])
  })
})
