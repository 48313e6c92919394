import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Files that take longest, the longest first. One that started last would run alone at the end. */
const slow = [
  'release/killed.',
  'repository/registry/faults.',
  'images/distribution.',
  'release/quickstart.',
  'release/bad-days.',
  'repositories/apt-writers.',
  'repository/packagecloud/faults.',
  'image/sequences.',
  'command/publish.',
  'command/refusals.',
  'release/killed-images.',
  'model/',
  'images/',
  'http/faults.',
  'proxy/',
  'watchdog/',
  'release/',
  'command/',
  'repositories/',
]

export class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const index = slow.findIndex((part) => moduleId.includes(`/${part}`))
      return index === -1 ? slow.length : index
    }
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b))
  }
}
