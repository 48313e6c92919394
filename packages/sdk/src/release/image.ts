import { type Flavour, flavoured, isImageName } from '@stagegate/schema'
import { text } from '../form/keyword.js'
import { fields, list } from '../form/keyword-forms.js'
import { projectPath } from '../keyword/project-path.js'
import { many, type PipelineKind } from '../kind.js'
import { flavourOf, isVersion, nameOf, type TagRule, tagRule, wrongTags } from './image-tags.js'
import type { Release } from './release.js'
import { ReleaseTarget, type TargetProps, targetProps } from './target.js'

export interface ContainerImageProps extends TargetProps {
  /** The image's name in the registries, below the address. @default the id */
  readonly name?: string | undefined
  /**
   * The OCI layout that the build leaves, as a folder. @default none: the build pushes the image to staging itself, as
   * `$STAGEGATE_IMAGE`
   */
  readonly layout?: string | undefined
  /** The image must have exactly these: `linux/amd64`, `linux/arm64/v8`. An image is released with all its platforms. @default any */
  readonly platforms?: readonly string[] | undefined
  /** At most one `version`. The exact version is always a tag, even if it is not listed. @default ['version'] */
  readonly tags?: readonly TagRule[] | undefined
}

const form = fields<ContainerImageProps>(
  { ...targetProps, name: text, layout: projectPath, platforms: list(text), tags: list(tagRule) },
  'build',
)

/** A container image: all its platforms, and the signatures and SBOMs that belong to it. */
export class ContainerImage extends ReleaseTarget<ContainerImageProps> {
  readonly imageName: string
  readonly layout: string | undefined
  readonly platforms: readonly string[] | undefined
  readonly tags: readonly TagRule[]
  /** The text before and after the version in its own tag. */
  readonly flavour: Flavour

  constructor(scope: Release, id: string, props: ContainerImageProps) {
    super(scope, id, props, {
      form,
      outputOf: ({ name = id, layout, tags }) => ({
        image: name,
        flavour: flavourOf(tags),
        files: layout === undefined ? [] : [`${layout.replace(/\/+$/, '')}/`],
      }),
      callee: new.target,
    })
    const imageName = props.name ?? id
    this.imageName = imageName
    this.layout = props.layout
    this.platforms = props.platforms
    this.tags = props.tags ?? ['version']
    this.flavour = flavourOf(props.tags)
    if (!isImageName(imageName)) this.report({ code: 'target/image-name', target: id, name: imageName })
    for (const platform of props.platforms ?? [])
      if (!/^[a-z0-9]+\/[a-z0-9]+(?:\/[a-z0-9.]+)?$/.test(platform)) this.report({ code: 'target/platform', target: id, platform })
    for (const { tag, is } of wrongTags(this.tags)) this.report({ code: 'target/tag', target: id, tag, is })
  }

  /** The tags that are set in a kind, with `VERSION` for the version. Two images with the same name may not set the same tag. */
  tagsIn(kind: PipelineKind): readonly string[] {
    const moving = this.tags.filter((rule) => !isVersion(rule) && this.kindsOf(rule).includes(kind))
    return [flavoured('VERSION', this.flavour), ...moving.map(nameOf)]
  }

  /** The kinds in which a rule's tag is set. */
  kindsOf(rule: TagRule): readonly PipelineKind[] {
    const published = [...this.routes].flatMap(([kind, route]) => (route.public.length > 0 ? [kind] : []))
    return isVersion(rule) || rule.on === undefined ? published : many(rule.on)
  }
}
