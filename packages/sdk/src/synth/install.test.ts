import { expect, test } from 'vitest'
import { type AppProps, sentenceOf } from '../index.js'
import { pinned, smallRelease } from '../testing/small-release.js'

const release = (props: AppProps = {}) => smallRelease({ ...pinned, ...props }).app
const having = (...files: readonly string[]) =>
  Object.assign((path: string) => (files.includes(path) ? '{}' : undefined), { list: () => files })
const lock = 'package-lock.json'

test.each<[files: readonly string[], missing: string | undefined]>([
  [['package.json', lock], undefined],
  [['package.json', 'npm-shrinkwrap.json'], undefined],
  [['package.json'], 'no package-lock.json'],
  [[lock], 'no package.json'],
  [[], 'no package.json and no package-lock.json'],
])('prepare is warned of where npm ci cannot run: with %j', (files, missing) => {
  const { issues } = release().synth({ readLocal: having(...files) })
  const said = `the job prepare runs npm ci --ignore-scripts, but there is ${missing} next to pipeline.ts`
  expect(issues.map(sentenceOf)).toEqual(missing === undefined ? [] : [said])
  for (const issue of issues) expect(issue).toMatchObject({ code: 'structure/install', severity: 'warning' })
})

test('nothing is reported if nothing can be read, or the command is installed in another way', () => {
  expect(release().synth().issues).toEqual([])
  const cli = { ...pinned.cli, install: ['npm install --ignore-scripts --no-save stagegate'] }
  expect(release({ cli }).synth({ readLocal: having() }).issues).toEqual([])
})

test('an accepted warning is used, with or without a reader of files', () => {
  const app = release()
  app.accept('structure/install', 'the lock file is made in the image')
  expect(app.synth().issues).toEqual([])
  expect(app.synth({ readLocal: having() }).issues).toEqual([])
  expect(app.synth({ readLocal: having('package.json', lock) }).issues).toMatchObject([{ code: 'accept/unused' }])
})
