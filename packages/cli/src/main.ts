import { isStagegateError } from '@stagegate/schema'
import { exitCodeOfError } from '@stagegate/uploader'
import { systemCode } from '@stagegate/uploader/gitlab'
import { Command, CommanderError } from 'commander'
import { announceCommand } from './command/announce.js'
import { approveCommand } from './command/approve.js'
import { auditCommand } from './command/audit.js'
import { deployCommand } from './command/deploy.js'
import { diffCommand } from './command/diff.js'
import { explainCommand } from './command/explain.js'
import { fetchCommand } from './command/fetch.js'
import { graphCommand } from './command/graph.js'
import { initCommand } from './command/init.js'
import { publishCommand } from './command/publish.js'
import { sealCommand } from './command/seal.js'
import { stageCommand } from './command/stage.js'
import { synthCommand } from './command/synth.js'
import { verifyCommand } from './command/verify.js'
import { painted } from './print/colour.js'
import { surviveLostOutput } from './print/lost-output.js'
import { plain } from './print/output.js'
import { version } from './version.js'

const afterHelp = `
Exit codes, the same for every command:
  0  everything is as it should be
  2  the command line or the configuration is wrong
  3  refused: a person must investigate
  4  incomplete: running the command again can help`

async function main(words: readonly string[]): Promise<void> {
  const done = (exitCode: number) => {
    process.exitCode = exitCode
  }
  const program = new Command('stagegate')
    .description('Typed release pipelines for GitLab CI, and the uploader that their jobs run.')
    .version(version, '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show this help')
    .helpCommand(false)
    .addHelpText('after', afterHelp)
    .showHelpAfterError('See stagegate --help.')
  const commands = [
    initCommand(),
    synthCommand(done),
    explainCommand(done),
    graphCommand(done),
    auditCommand(done),
    diffCommand(done),
    stageCommand(),
    sealCommand(),
    approveCommand(),
    fetchCommand(),
    deployCommand(done),
    publishCommand(done),
    verifyCommand(done),
    announceCommand(),
  ]
  for (const command of commands) program.addCommand(command.version(version, '-V, --version', 'show the version'))
  for (const command of [program, ...commands]) command.exitOverride()
  try {
    await program.parseAsync(words, { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) {
      // Commander has printed the problem; 0 is --help and --version.
      done(error.exitCode === 0 ? 0 : 2)
      return
    }
    process.stderr.write(painted(`stagegate: ${plain(textOf(error))}\n`, process.stderr))
    done(exitCodeOfError(error))
  }
}

function textOf(error: unknown): string {
  // The system's own errors say which file, and why.
  if (isStagegateError(error) || (error instanceof Error && systemCode(error) !== undefined)) return error.message
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error)
  // A module of a repository is imported from its bytes, and its address consists of all of them.
  const short = what.replaceAll(/data:text\/javascript;base64,[A-Za-z0-9+/=]*/g, 'module')
  return `unexpected error:\n${short}\nPlease report this bug with these lines.`
}

/** The author's code, pipeline.ts or a module of a repository, can end the process. That must not look like success. */
function refuseEarlyExit(): () => void {
  const onExit = (code: number) => {
    if (code !== 0) return
    process.exitCode = 3
    process.stderr.write(
      'stagegate: process.exit was called before the work was done.\nRemove the call from pipeline.ts, or from the module of a repository.\n',
    )
  }
  process.on('exit', onExit)
  return () => void process.off('exit', onExit)
}

surviveLostOutput()
const over = refuseEarlyExit()
await main(process.argv.slice(2))
over()
