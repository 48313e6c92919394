import { checked, oneOf, text, textLike } from '../form/keyword.js'
import { fields, list } from '../form/keyword-forms.js'

export interface ReleaseLink {
  readonly name: string
  readonly url: string
  /** A lasting path below the release's own address. @default none */
  readonly filepath?: string | undefined
  /** @default other */
  readonly linkType?: 'runbook' | 'package' | 'image' | 'other' | undefined
}

/** The entry on the project's page of releases that the job creates; its script must run too. @see https://docs.gitlab.com/ci/yaml/#release */
export interface ReleaseEntryProps {
  readonly tagName: string
  /** Text, or the path of a file with it. */
  readonly description: string
  /** @default the tag's name */
  readonly name?: string | undefined
  /** The message of a tag that does not exist yet. */
  readonly tagMessage?: string | undefined
  /** The commit that gets a tag that does not exist yet. @default the pipeline's commit */
  readonly ref?: string | undefined
  readonly milestones?: readonly string[] | undefined
  /** @default now */
  readonly releasedAt?: Date | undefined
  readonly assets?: { readonly links: readonly ReleaseLink[] } | undefined
}

const instant = checked<Date>(
  { expected: 'a Date', fits: (value) => value instanceof Date && Number.isFinite(value.getTime()) },
  // GitLab's schema has no fractions of a second.
  (value) => value.toISOString().replace(/\.\d+Z$/, 'Z'),
)

export const release = fields<ReleaseEntryProps>(
  {
    tagName: textLike(/./s, 'the name of a tag'),
    name: text,
    description: textLike(/./s, 'a string'),
    tagMessage: text,
    ref: text,
    milestones: list(text),
    releasedAt: instant,
    assets: fields<NonNullable<ReleaseEntryProps['assets']>>(
      {
        links: list(
          fields<ReleaseLink>(
            { name: text, url: text, filepath: text, linkType: oneOf('runbook', 'package', 'image', 'other') },
            'name',
            'url',
          ),
        ),
      },
      'links',
    ),
  },
  'tagName',
  'description',
)
