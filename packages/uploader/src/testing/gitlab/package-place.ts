import type { Answer } from '../server/respond.js'
import { invalid } from './answers.js'

/** Where a file of a package lies below its project. */
export interface Place {
  readonly name: string
  readonly version: string
  /** The file's name as GitLab keeps it. */
  readonly file: string
  /** The parts of an address that GitLab checks, by the names that its answer gives them. */
  readonly parts: Readonly<Record<'package_name' | 'package_version' | 'path' | 'file_name', string>>
}

/** GitLab's own expressions: lib/gitlab/regex/packages.rb. A path is only held not to climb: `file_path: true`. */
const grammar = {
  package_name: /^[A-Za-z0-9._\-+]+$/,
  package_version: /^(?!.*\.\.)[\w+.-]+$/,
  path: /^(?!(?:.*\/)?\.\.(?:\/|$))/,
  file_name: /^(?!~)[A-Za-z0-9._\-+~]+(?<!~)$/,
}

/** `/generic/NAME/VERSION/(FOLDERS/)FILE`, still encoded: a slash that belongs to a name parts nothing. */
export function placeOf(address: string): Place | undefined {
  const [, name, version, folders, last] = /^\/generic\/([^/]+)\/([^/]+)\/(?:(.+)\/)?([^/]+)$/.exec(address) ?? []
  if (name === undefined || version === undefined || last === undefined) return undefined
  const [path, file] = [decodeURIComponent(folders ?? ''), decodeURIComponent(last)]
  const parts = { package_name: decodeURIComponent(name), package_version: decodeURIComponent(version), path, file_name: file }
  return { name: parts.package_name, version: parts.package_version, file: path === '' ? file : encoded(`${path}/${file}`), parts }
}

/** As Ruby does: `URI.encode_uri_component`, by `encoded_file_name` of lib/api/generic_packages.rb. */
function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()~]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)
}

/** The answer to names that GitLab does not take. `refused` are the characters that this version does not take in file names, either. */
export function wrongName({ parts }: Place, refused = ''): Answer | undefined {
  const { package_name, package_version, path, file_name } = parts
  const wrong = [
    ...(grammar.package_name.test(package_name) ? [] : ['package_name is invalid']),
    ...(grammar.package_version.test(package_version) ? [] : ['package_version is invalid']),
    ...(grammar.path.test(path) ? [] : ['path should be a valid file path']),
    ...(grammar.file_name.test(file_name) && ![...refused].some((one) => file_name.includes(one)) ? [] : ['file_name is invalid']),
  ]
  return wrong.length === 0 ? undefined : invalid(...wrong)
}
