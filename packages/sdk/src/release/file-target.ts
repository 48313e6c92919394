import { isPublishedFolder } from '@stagegate/schema'
import { text } from '../form/keyword.js'
import { fields, oneOrMany } from '../form/keyword-forms.js'
import { many, type OneOrMany } from '../kind.js'
import type { Release } from './release.js'
import { ReleaseTarget, type TargetProps, targetProps } from './target.js'

export interface FileTargetProps extends TargetProps {
  /**
   * Globs of the built files, from the project's folder: `out/*`. All of them are published, each under its own name. Names have letters,
   * digits and `._+~^@=-`, so that they are the same on every server. `stage` refuses empty and hidden files, and two files with the same
   * name.
   */
  readonly files: OneOrMany<string>
  /**
   * The folder that they are published in, below the repository's own place. `{version}` stands for the release's version; without it each
   * file's name must contain the version. Nothing public is ever replaced, so each version needs its own paths.
   * @default the release's id, then the version: `acme/{version}`
   */
  readonly path?: string | undefined
}

const form = fields<FileTargetProps>({ ...targetProps, files: oneOrMany(text), path: text }, 'build')

/**
 * Plain files of any kind: tarballs, installers, static binaries, checksums. Built, staged, sealed and published like packages.
 * @example
 * // Published as acme/1.2.3/acme-linux-amd64, acme/1.2.3/SHA256SUMS
 * new FileTarget(release, 'binaries', { build: { script: ['make binaries'] }, files: 'out/*' })
 */
export class FileTarget extends ReleaseTarget<FileTargetProps> {
  readonly files: readonly string[]
  /** Where they are published: the property `path`, or its default. */
  readonly folder: string

  constructor(scope: Release, id: string, props: FileTargetProps) {
    super(scope, id, props, { form, outputOf: ({ files }) => ({ files: many(files) }), callee: new.target })
    const files = many(props.files)
    this.files = files
    const { path = `${scope.label}/{version}` } = props
    this.folder = path.replace(/(?<=.)\/$/, '')
    if (!isPublishedFolder(this.folder)) this.report({ code: 'target/path', target: id, folder: path })
    if (files.length === 0 || files.some(isNoGlob)) this.report({ code: 'target/files', target: id })
  }
}

/** A job's artifacts are always in the project's folder. */
function isNoGlob(glob: string): boolean {
  return glob === '' || glob.startsWith('/') || glob.split('/').includes('..')
}
