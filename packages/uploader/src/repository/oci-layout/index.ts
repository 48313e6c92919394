import { instant, UsageError } from '@stagegate/schema'
import { defineRepository } from '../define.js'
import type { BuiltImage } from '../oci/built-image.js'
import { pathSettings } from '../settings.js'
import { IndexFile } from './index-file.js'
import { OciLayout } from './oci-layout.js'

/** A directory with an OCI layout for each image: the default for images without a registry, and for air-gapped networks. */
export const ociLayout = defineRepository({
  type: 'oci-layout',
  formats: ['image'],
  parse: pathSettings('an oci-layout'),
  open({ settings }, environment) {
    const root = environment.directory(settings.path)
    return new OciLayout(root, (image) => image)
  },
})

/**
 * The image in a layout that a build left.
 * @throws {UsageError} no layout, or one with several images
 */
export async function builtLayout(path: string): Promise<BuiltImage> {
  const source = new OciLayout(path, () => '')
  const entries = await new IndexFile(path).entries()
  const call = { signal: new AbortController().signal, deadline: instant(Date.parse('9999-12-31T00:00:00Z')) }
  // An entry about another entry comes along with it.
  const about = new Set<string>()
  for (const { descriptor } of entries) for (const one of await source.referrers('', descriptor.digest, call)) about.add(one.digest)
  const images = entries.filter(({ descriptor, tag }) => !about.has(descriptor.digest) && !/^sha256-[0-9a-f]{64}/.test(tag ?? ''))
  const digests = new Map(images.map(({ descriptor }) => [descriptor.digest, descriptor]))
  const [only, ...others] = digests.values()
  if (only === undefined || others.length > 0)
    throw new UsageError({
      code: 'usage/layout',
      where: path,
      what: only === undefined ? 'there is no image in the layout' : `the layout has ${digests.size} images`,
      next: 'Nothing was staged. The build must leave one OCI layout with one image, or one index of all its platforms.',
    })
  return { source, from: path, image: 'built', content: { sha256: only.digest, size: only.size } }
}
