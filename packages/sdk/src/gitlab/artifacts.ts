import type { Duration } from '../duration.js'
import { authorKeys, durationOrNever, fields, list, oneOf, text } from './keyword.js'

/** @see https://docs.gitlab.com/ci/yaml/#artifacts */
export interface ArtifactsProps {
  readonly name?: string | undefined
  /** Globs, from the project's folder. */
  readonly paths?: readonly string[] | undefined
  readonly exclude?: readonly string[] | undefined
  /** By kind of report: `{ dotenv: 'build.env' }`. */
  readonly reports?: Readonly<Record<string, string>> | undefined
  /** @default the instance's setting, usually 30 days */
  readonly expireIn?: Duration | 'never' | undefined
  readonly when?: 'on_success' | 'on_failure' | 'always' | undefined
  /** Who may download them. */
  readonly access?: 'none' | 'developer' | 'maintainer' | 'all' | undefined
}

export const artifacts = fields<ArtifactsProps>({
  name: text,
  when: oneOf('on_success', 'on_failure', 'always'),
  paths: list(text),
  exclude: list(text),
  reports: authorKeys(text),
  expireIn: durationOrNever,
  access: oneOf('none', 'developer', 'maintainer', 'all'),
})
