// Trees with thousands of packages, as the usual tools write them, and signed once.
import { execFileSync } from 'node:child_process'
import { linkSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { makeDeb, makeRpm } from '@stagegate/uploader/testing'

/** Small packages with what real ones have: dependencies, prose, a version each. */
const make = {
  deb: (number) => {
    const [name, version] = [`acme-${number % 100}`, `1.${Math.floor(number / 100)}.0-1`]
    const description = `A package of Acme, of which there are many\n${' It has a description of several lines, as packages have.\n'.repeat(4).trimEnd()}`
    const fields = {
      Depends: `libc6 (>= 2.36), acme-${(number + 1) % 100} (>= 1.0)`,
      Section: 'net',
      Priority: 'optional',
      Description: description,
    }
    const data = makeDeb({ name, version, architecture: 'amd64', files: { [`usr/share/${name}/content`]: version }, fields })
    return { file: `${name}_${version}_amd64.deb`, data }
  },
  rpm: (number) => {
    const [name, version, release] = [`acme-${number % 100}`, `1.${Math.floor(number / 100)}.0`, '1.el9']
    return { file: `${name}-${version}-${release}.x86_64.rpm`, data: makeRpm({ name, version, release, architecture: 'x86_64', size: 10 }) }
  },
}

/** How each kind of tree lies in its folder. */
export const layouts = {
  apt: { format: 'deb', distribution: 'debian/stable', pool: 'pool/stable/main', index: indexApt },
  yum: { format: 'rpm', distribution: 'el/9', pool: 'el/9/Packages', index: indexYum },
}

/** Writes the package of this number into a folder. */
export function writePackage(format, number, folder) {
  const { file, data } = make[format](number)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, file), data)
  return file
}

/** A tree with so many packages, and another place with the same packages for the other tools. */
export async function writeTree({ format, pool, index }, { folder, others, count, sign }) {
  mkdirSync(join(others, pool), { recursive: true })
  for (let number = 0; number < count; number++) {
    const file = writePackage(format, number, join(folder, pool))
    linkSync(join(folder, pool, file), join(others, pool, file))
  }
  await index(folder, sign)
}

async function indexApt(folder, { clear }) {
  const place = join(folder, 'dists/stable')
  const name = 'main/binary-amd64/Packages'
  mkdirSync(dirname(join(place, name)), { recursive: true })
  const options = { cwd: folder, maxBuffer: 2 ** 30 }
  writeFileSync(join(place, name), execFileSync('apt-ftparchive', ['packages', 'pool'], options))
  const fields = { Suite: 'stable', Codename: 'stable', Components: 'main', Architectures: 'amd64' }
  const settings = Object.entries(fields).flatMap(([field, value]) => ['-o', `APT::FTPArchive::Release::${field}=${value}`])
  const release = execFileSync('apt-ftparchive', [...settings, 'release', 'dists/stable'], options)
  writeFileSync(join(place, 'InRelease'), await clear(release))
}

async function indexYum(folder, { beside }) {
  execFileSync('createrepo_c', ['--quiet', '--no-database', join(folder, 'el/9')])
  const file = join(folder, 'el/9/repodata/repomd.xml')
  writeFileSync(`${file}.asc`, await beside(readFileSync(file)))
}
