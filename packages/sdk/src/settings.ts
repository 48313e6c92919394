import type { IConstruct } from 'constructs'
import type { OwnProject } from './repository/index.js'

/** The image of generated jobs, where the app names none. */
export const defaultImage = 'node:24-slim'

/** Settings of the app for all generated jobs. */
export interface Settings {
  readonly image: string
  /** The folder of the author's file, from the project's: empty, or `release/`. The command is installed there. */
  readonly home: string
  readonly install: readonly string[]
  /** Whether scripts of dependencies may run while the command is installed. */
  readonly runsScripts: () => boolean
  /** The command's sha256, where jobs check it. */
  readonly pin: string | undefined
  readonly tags: readonly string[] | undefined
  /** The oldest GitLab to support, as numbers: `[17, 5]`. */
  readonly gitlab: readonly [major: number, minor: number]
  /** Where the plan lies, from the project's folder. */
  readonly planPath: string
  /** The job of the project's own pipeline that starts this one as its child, if one does. */
  readonly startedBy: string | undefined
  /** The project whose jobs these are. */
  readonly project: OwnProject
}

const settings = new WeakMap<IConstruct, Settings>()

export function setSettings(root: IConstruct, value: Settings): void {
  settings.set(root, value)
}

/** @throws {TypeError} when the construct is in no app */
export function settingsOf(construct: IConstruct): Settings {
  const found = settings.get(construct.node.root)
  if (found === undefined) throw new TypeError('Expected a construct in an App')
  return found
}

export function isAtLeast([major, minor]: Settings['gitlab'], wantedMajor: number, wantedMinor: number): boolean {
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)
}
