import type { Duration } from '../duration.js'
import { durationOrNever, flag, type Keyword, oneOf, text, textLike } from '../form/keyword.js'
import { fields, list, oneOrMany } from '../form/keyword-forms.js'
import { offeredReports } from '../gitlab/report-kinds.js'
import { projectPath } from './project-path.js'

/** GitLab accepts one file here, not a list. */
type SingleFile = 'accessibility' | 'annotations' | 'browserPerformance'
export type ReportKind = (typeof offeredReports)[number]

/** Files by the kind of report that they are: `{ dotenv: 'build.env', junit: ['a.xml', 'b.xml'] }`. */
export type ReportsProps = { readonly [K in ReportKind]?: (K extends SingleFile ? string : string | readonly string[]) | undefined } & {
  readonly coverageReport?: { readonly coverageFormat: 'cobertura' | 'jacoco'; readonly path: string } | undefined
}

/** @see https://docs.gitlab.com/ci/yaml/#artifacts */
export interface ArtifactsProps {
  /** The name of the archive. @default artifacts */
  readonly name?: string | undefined
  /** Globs, relative to the project's folder. */
  readonly paths?: readonly string[] | undefined
  /** Globs of excluded files. */
  readonly exclude?: readonly string[] | undefined
  /** Whether files that Git does not know are taken too. @default false */
  readonly untracked?: boolean | undefined
  /** @see https://docs.gitlab.com/ci/yaml/artifacts_reports/ */
  readonly reports?: ReportsProps | undefined
  /** The name of a link in merge requests. @default no link */
  readonly exposeAs?: string | undefined
  /** @default the instance's setting, usually 30 days */
  readonly expireIn?: Duration | 'never' | undefined
  /** @default on_success */
  readonly when?: 'on_success' | 'on_failure' | 'always' | undefined
  /** Who may download them. @default all */
  readonly access?: 'none' | 'developer' | 'maintainer' | 'all' | undefined
}

const reportFiles = Object.fromEntries(
  offeredReports.map((kind) => [
    kind,
    ['accessibility', 'annotations', 'browserPerformance'].includes(kind) ? projectPath : oneOrMany(projectPath),
  ]),
)

const reports = fields<ReportsProps>({
  // One keyword for each kind, as the list above has them.
  ...(reportFiles as { [K in ReportKind]: Keyword<NonNullable<ReportsProps[K]>> }),
  coverageReport: fields<NonNullable<ReportsProps['coverageReport']>>(
    { coverageFormat: oneOf('cobertura', 'jacoco'), path: projectPath },
    'coverageFormat',
    'path',
  ),
})

export const artifacts = fields<ArtifactsProps>({
  name: text,
  when: oneOf('on_success', 'on_failure', 'always'),
  paths: list(projectPath),
  exclude: list(projectPath),
  untracked: flag,
  reports,
  exposeAs: textLike(/^\w[-\w ]{0,99}$/, 'at most 100 letters, digits, - _ and spaces'),
  expireIn: durationOrNever,
  access: oneOf('none', 'developer', 'maintainer', 'all'),
})
