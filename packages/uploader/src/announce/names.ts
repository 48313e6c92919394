import { type Coordinates, fileOf, isPackage } from '@stagegate/schema'

/**
 * The names of an entry's files, in order: a file's own name if it is unique, otherwise with the distribution or the folder before it, and
 * a number if that is taken as well. They depend only on the sealed coordinates.
 *
 * The names of a supplement always have the distribution or the folder, since the names in the release's entry are unknown to it.
 *
 * @param reserved names that nothing else gets
 */
export function assetNames(files: readonly Coordinates[], reserved: readonly string[], isSupplement = false): readonly string[] {
  const owners = [...reserved, ...files.map(ownName)]
  const isUnique = (name: string) => owners.indexOf(name) === owners.lastIndexOf(name)
  const short = files.map((at) => (!isSupplement && isUnique(ownName(at)) ? ownName(at) : undefined))
  const taken = new Set([...reserved, ...short.filter((name) => name !== undefined)])
  return files.map((at, index) => {
    const own = short[index]
    if (own !== undefined) return own
    const whole = isPackage(at) ? `${at.distribution}/${at.file}` : fileOf(at)
    let name = whole
    for (let number = 2; taken.has(name); number++) name = `${number}/${whole}`
    taken.add(name)
    return name
  })
}

/** The last part of a path; a package's file has no folders. */
function ownName(at: Coordinates): string {
  return fileOf(at).split('/').at(-1) ?? ''
}
