import { isImageName, isImageTag } from '@stagegate/schema'
import { oneOf, text } from '../keyword/keyword.js'
import { either, fields, list, oneOrMany } from '../keyword/keyword-forms.js'
import { neverUndefined } from '../keyword/props.js'
import { pipelineKind } from '../keyword/rules.js'
import { many, type OneOrMany, type PipelineKind } from '../kind.js'
import type { Release } from './release.js'
import { ReleaseTarget, type TargetProps, targetProps } from './target.js'

/**
 * A tag that publishing sets. `version` is the exact version and never moves. The others move, and only forward: `latest`
 * and names of your own stay at the newest version, `major` (`16`) and `minor` (`16.2`) at the newest of their line.
 */
export type TagRule = 'version' | MovingTag

interface MovingTag {
  readonly moving: 'latest' | 'major' | 'minor' | (string & {})
  /** @default the kinds in which the image is published */
  readonly on?: OneOrMany<PipelineKind>
}

export interface ContainerImageProps extends TargetProps {
  /** Its name in the registries, below what their addresses say. @default the id */
  readonly name?: string | undefined
  /**
   * The OCI layout that the build leaves, as a folder. @default none: the build pushes the image to staging itself, as
   * `$STAGEGATE_IMAGE`
   */
  readonly layout?: string | undefined
  /** Exactly these: `linux/amd64`, `linux/arm64/v8`. An image is released with all its platforms. @default any */
  readonly platforms?: readonly string[] | undefined
  /** @default ['version'] */
  readonly tags?: readonly TagRule[] | undefined
}

const tagRule = either<MovingTag, 'version'>(
  (value): value is MovingTag => typeof value !== 'string',
  fields<MovingTag>({ moving: text, on: neverUndefined(oneOrMany(pipelineKind)) }, 'moving'),
  oneOf('version'),
)
const form = fields<ContainerImageProps>({ ...targetProps, name: text, layout: text, platforms: list(text), tags: list(tagRule) }, 'build')

/** A container image: all its platforms, and the signatures and SBOMs that belong to it. */
export class ContainerImage extends ReleaseTarget<ContainerImageProps> {
  readonly imageName: string
  readonly layout: string | undefined
  readonly platforms: readonly string[] | undefined
  readonly tags: readonly TagRule[]

  constructor(scope: Release, id: string, props: ContainerImageProps) {
    super(scope, id, props, {
      form,
      outputOf: ({ name = id, layout }) => ({ image: name, files: layout === undefined ? [] : [`${layout.replace(/\/+$/, '')}/`] }),
      callee: new.target,
    })
    const imageName = props.name ?? id
    this.imageName = imageName
    this.layout = props.layout
    this.platforms = props.platforms
    this.tags = props.tags ?? ['version']
    if (!isImageName(imageName)) this.report({ code: 'target/image-name', target: id, name: imageName })
    for (const platform of props.platforms ?? [])
      if (!/^[a-z0-9]+\/[a-z0-9]+(?:\/[a-z0-9.]+)?$/.test(platform)) this.report({ code: 'target/platform', target: id, platform })
    for (const rule of this.tags) {
      if (rule === 'version') continue
      if (!isImageTag(rule.moving) || rule.moving === 'version' || /^v?\d/.test(rule.moving))
        this.report({ code: 'target/tag', target: id, tag: rule.moving })
    }
  }

  /** The kinds in which a rule's tag is set. */
  kindsOf(rule: TagRule): readonly PipelineKind[] {
    const published = [...this.routes].flatMap(([kind, route]) => (route.public.length > 0 ? [kind] : []))
    return rule === 'version' || rule.on === undefined ? published : many(rule.on)
  }
}
