import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
}, 60_000)

/** A folder that goes when the file's tests are done. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'stagegate-test-'))
  folders.push(folder)
  return folder
}

/** Every file below a folder with its sha256; none where there is no folder. */
export function contentOf(folder: string): Readonly<Record<string, string>> {
  if (!existsSync(folder)) return {}
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => statSync(join(folder, path)).isFile())
  return Object.fromEntries(
    paths.sort().map((path) => [
      path,
      createHash('sha256')
        .update(readFileSync(join(folder, path)))
        .digest('hex'),
    ]),
  )
}

/** What users see of a directory repository: its packages, without the index and what a crash left behind. */
export function packagesIn(folder: string): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(contentOf(folder)).filter(([path]) => path.endsWith('.deb') && !path.startsWith('.sha256')))
}

export function changedTimes(folder: string): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.keys(contentOf(folder)).map((path) => [path, statSync(join(folder, path)).mtimeMs]))
}
