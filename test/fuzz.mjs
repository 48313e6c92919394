// npm run fuzz -- [SECONDS] [PARSER] [SEED]: changes inputs at random and reads them, much longer than npm test does. What is found is kept
// in test/fuzz/corpus, where it is read again from then on: mend the reader, and give the file a name that says what is odd about it.
import { installPackages } from './tasks/install.mjs'
import { fail, run } from './tasks/shell.mjs'

const [seconds = '300', parser, seed] = process.argv.slice(2)
if (!/^\d+$/.test(seconds) || (seed !== undefined && !/^\d+$/.test(seed))) fail('npm run fuzz -- [SECONDS] [PARSER] [SEED]')

installPackages()
const env = { FUZZ_SECONDS: seconds, ...(parser && { FUZZ_PARSER: parser }), ...(seed && { FUZZ_SEED: seed }) }
run('vitest', ['run', '--config', 'test/vitest.config.ts', '--reporter=default', 'test/fuzz/'], { env })
