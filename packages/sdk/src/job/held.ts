import type { IConstruct } from 'constructs'
import { text } from '../form/keyword.js'
import { fields } from '../form/keyword-forms.js'
import { expectOptions } from '../form/props.js'
import type { Need } from '../keyword/needs.js'
import type { PipelineKind } from '../kind.js'
import type { RepositoryAddress } from '../repository/address.js'

/** A public repository, as named by a job that publishes there itself. */
interface PublicPlace {
  readonly label: string
  readonly at: RepositoryAddress
  /** Only public repositories have it. */
  readonly advisory: unknown
}

/** A way to publish that is not a repository, such as a Homebrew formula. */
interface OtherPlace {
  /** Becomes part of the environment's name: `public/homebrew`. */
  readonly name: string
  readonly because: string
}

const otherPlace = fields<OtherPlace>({ name: text, because: text })

export type Held = PublicPlace | OtherPlace

/** The jobs that must have succeeded before a release publishes in a kind; `undefined` where it publishes nothing. */
type GatesInKind = (kind: PipelineKind) => readonly Need[] | undefined

const releases = new WeakMap<IConstruct, GatesInKind[]>()

/** A release tells the jobs of its app what comes before publishing. */
export function addGates(root: IConstruct, gates: GatesInKind): void {
  releases.set(root, [...(releases.get(root) ?? []), gates])
}

/** The gates of all releases that publish in a kind, each once. */
export function gatesIn(root: IConstruct, kind: PipelineKind): readonly Need[] | undefined {
  const found = (releases.get(root) ?? []).flatMap((gates) => gates(kind) ?? [])
  return found.length === 0 ? undefined : found
}

export function nameOf(held: Held): string {
  return 'at' in held ? held.label : held.name
}

/** @throws {TypeError} where a program without types names something else */
export function soundHeld(held: Held | undefined): Held {
  const isObject = typeof held === 'object' && held !== null
  if (isObject && 'at' in held && 'advisory' in held) return held
  const { name, because }: Partial<OtherPlace> = isObject && 'name' in held ? held : {}
  if (
    !isObject ||
    'at' in held ||
    typeof name !== 'string' ||
    !/^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(name) ||
    typeof because !== 'string' ||
    because.trim() === ''
  )
    throw new TypeError('Expected a PublicRepo in publishes, or a name and a reason')
  expectOptions({ ...held }, otherPlace, 'publishes')
  return held
}
