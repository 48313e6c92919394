import type { Duration } from '../duration.js'
import { isFlag } from '../form/form.js'
import { durationOrNever, flag, text } from '../form/keyword.js'
import { either, fields } from '../form/keyword-forms.js'
import { projectPath } from './project-path.js'

/** @see https://docs.gitlab.com/ci/yaml/#pages */
export interface PagesProps {
  /** Below the site's address, for several sites at once. @default none */
  readonly pathPrefix?: string | undefined
  /** @default the instance's setting for sites with a prefix; others stay */
  readonly expireIn?: Duration | 'never' | undefined
  /** The folder that is published. @default public */
  readonly publish?: string | undefined
}

export const pages = either<boolean, PagesProps>(
  isFlag,
  flag,
  fields<PagesProps>({ pathPrefix: text, expireIn: durationOrNever, publish: projectPath }),
)
