import { type Found, invalid } from './answers.js'
import { type Fields, isFields, textOf } from './json-body.js'

/** The kind of a release's link. */
export type ReleaseLinkType = 'other' | 'runbook' | 'package' | 'image'

const linkTypes: readonly string[] = ['other', 'runbook', 'package', 'image']

/** A link of a release, as somebody wants it. */
export interface ReleaseLinkOptions {
  /** Its name; unique in the release. */
  readonly name: string
  /** Where it leads; unique in the release. */
  readonly url: string
  /** The path below the release that leads there; unique in the release. @default none */
  readonly directAssetPath?: string | undefined
  /** @default other */
  readonly type?: ReleaseLinkType | undefined
}

/** A link of a release. */
export interface ReleaseLink extends ReleaseLinkOptions {
  /** Its number. */
  readonly id: number
  /** Its kind. */
  readonly type: ReleaseLinkType
}

/** GitLab's expression without its backtracking: FILEPATH_REGEX of app/models/releases/link.rb. */
const assetPath = /^\/(?:[-.\w]+\/)*[-.\w]*[\dA-Za-z]$/
const longestPath = 128

/** Fields of a body as a link; `direct_asset_path` wins over its deprecated name: app/services/releases/links/params.rb. */
export function linkOf(fields: Fields): { name?: string; url?: string; directAssetPath?: string; type?: string } {
  const [name, url, type] = [textOf(fields['name']), textOf(fields['url']), textOf(fields['link_type'])]
  const path = textOf(fields['direct_asset_path']) ?? textOf(fields['filepath'])
  return {
    ...(name !== undefined && { name }),
    ...(url !== undefined && { url }),
    ...(path !== undefined && path !== '' && { directAssetPath: path }),
    ...(type !== undefined && { type }),
  }
}

/** The links of a `POST` of a release: each has to have a name and an address. */
export function linksOf(assets: unknown): Found<readonly Fields[]> {
  if (assets === undefined || assets === null) return { found: [] }
  const links = isFields(assets) ? (assets['links'] ?? []) : undefined
  if (!Array.isArray(links) || !links.every(isFields)) return { refused: invalid('assets[links] is invalid') }
  const missing = links.flatMap((link, index) =>
    ['name', 'url'].filter((field) => textOf(link[field]) === undefined).map((field) => `assets[links][${index}][${field}] is missing`),
  )
  return missing.length > 0 ? { refused: invalid(...missing) } : { found: links }
}

export function isLinkType(type: string): type is ReleaseLinkType {
  return linkTypes.includes(type)
}

/** The validations of a link beside the others of its release, in GitLab's words: app/models/releases/link.rb. */
export function problemsOf(link: ReleaseLinkOptions, others: readonly ReleaseLinkOptions[], pattern = assetPath): readonly string[] {
  const { name, url, directAssetPath: path } = link
  return [
    ...problemsOfUrl(url),
    ...(others.some((other) => other.url === url) ? ['Url has already been taken'] : []),
    ...(name.trim() === '' ? ["Name can't be blank"] : []),
    ...(others.some((other) => other.name === name) ? ['Name has already been taken'] : []),
    ...(path !== undefined && others.some((other) => other.directAssetPath === path) ? ['Filepath has already been taken'] : []),
    ...(path !== undefined && !pattern.test(path) ? ['Filepath is in an invalid format'] : []),
    ...(path !== undefined && path.length > longestPath ? [`Filepath is too long (maximum is ${longestPath} characters)`] : []),
  ]
}

function problemsOfUrl(url: string): readonly string[] {
  if (url.trim() === '') return ["Url can't be blank"]
  if (!/^(?:https?|ftp):/i.test(url)) return ['Url is blocked: Only allowed schemes are http, https, ftp']
  return URL.canParse(url) ? [] : ['Url is blocked: URI is invalid']
}

/** Two of the links of one `POST` that are the same in something: app/validators/nested_attributes_duplicates_validator.rb. */
export function duplicatesIn(links: readonly ReleaseLinkOptions[]): string | undefined {
  const parts: readonly (readonly (string | undefined)[])[] = [
    links.map(({ name }) => name),
    links.map(({ url }) => url),
    links.map(({ directAssetPath }) => directAssetPath),
  ]
  for (const values of parts) {
    const twice = values.filter((value, index) => value !== undefined && values.indexOf(value) < index)
    if (twice.length > 0) return `Links have duplicate values (${[...new Set(twice)].join(', ')})`
  }
  return undefined
}
