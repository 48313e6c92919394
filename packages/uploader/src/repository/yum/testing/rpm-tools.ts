import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { SaxesParser } from 'saxes'
import { run } from '../../../package/testing/system-tools.js'
import { spec } from './specs.js'

/** Builds the packages of specs with rpmbuild, into one folder. */
export async function buildRpms(folder: string, specs: readonly (string | Uint8Array)[]): Promise<void> {
  const attributes = `${folder}.build/attributes`
  for (const path of [folder, attributes]) await mkdir(path, { recursive: true })
  await writeFile(join(attributes, 'none.attr'), '%__none_path ^/none$\n')
  for (const [at, text] of specs.entries()) {
    const top = `${folder}.build/${at}`
    await mkdir(top, { recursive: true })
    await writeFile(join(top, 'package.spec'), text)
    const options = { ...settings, _topdir: top, _sourcedir: top, _fileattrsdir: attributes, _rpmdir: folder, _srcrpmdir: folder }
    const defines = Object.entries(options).flatMap(([name, value]) => ['--define', `${name} ${value}`])
    await run('rpmbuild', '-ba', '--nodeps', '--quiet', '--target', 'x86_64', ...defines, join(top, 'package.spec'))
  }
}
const settings = {
  _build_name_fmt: '%%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm',
  // In ISO 8859-1, too, as old packages are.
  _invalid_encoding_terminates_build: '0',
  // What it would do with programs among the files, which takes most of its time.
  __os_install_post: '%{nil}',
}

/** Some ten packages for each: the same for the same seed. */
export function specsOf(seed: number, count: number): readonly string[] {
  return fc.sample(spec, { seed, numRuns: count })
}

/** Has createrepo_c write the index of a folder. */
export async function createrepo(folder: string, ...options: readonly string[]): Promise<void> {
  await run('createrepo_c', '--quiet', '--workers', '1', ...options, folder)
}

/** An element as its reader sees it, a line for each tag and text: without indentation, the order of attributes, and the ways to escape. */
export function readAs(element: Uint8Array): readonly string[] {
  const lines: string[] = []
  const parser = new SaxesParser({ xmlns: false, fragment: true })
  parser.on('error', (error) => {
    throw error
  })
  parser.on('opentag', ({ name, attributes }) => {
    const all = Object.entries(attributes).sort()
    // When the file was written, which the index of another writer does not know.
    const kept = name === 'time' ? all.filter(([attribute]) => attribute !== 'file') : all
    lines.push(`<${name} ${JSON.stringify(kept)}>`)
  })
  parser.on('text', (text) => {
    if (text.trim() !== '') lines.push(JSON.stringify(text))
  })
  parser.on('closetag', ({ name }) => lines.push(`</${name}>`))
  parser.write(Buffer.from(element).toString('utf8')).close()
  return lines
}
