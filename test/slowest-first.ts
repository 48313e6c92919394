import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Files that take longest, the longest first. One that started last would run alone at the end. */
const slow = [
  'release/quickstart.',
  'announce/announce.faults.',
  'repository/registry/faults.',
  'release/bad-days.',
  'conformance/conformance.',
  'images/distribution.',
  'package/debian-readers.',
  'repository/registry/gitlab.',
  'release/killed.',
  'repositories/',
  'release/',
  'command/',
  'images/',
  'package/real-packages.',
  'deployment/deploy.',
  'records/gitlab-records.',
  'image/attached.',
  'fuzz/',
  'signing/verifier.',
  'http/faults.',
  'repository/packagecloud/faults.',
  'model/',
  'proxy/',
  'watchdog/',
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
