import { isLabel } from '@stagegate/schema'
import { type IConstruct, Construct as Node } from 'constructs'
import { type Keyword, shown } from './form/keyword.js'
import { problemsOf } from './form/props.js'
import type { CustomFacts, IssueFacts, Recorded } from './issue/facts.js'
import { locate, type SourceLocation } from './source-location.js'

const recorded = new WeakMap<IConstruct, Recorded[]>()
const sizes = new WeakMap<IConstruct, number>()

/** How many constructs the tree has: what was derived from it holds as long as this does not change. */
export function treeSize(construct: IConstruct): number {
  return sizes.get(construct.node.root) ?? 0
}

/**
 * The base class of everything in the tree. It keeps the author's label and line, and records a second use of a label as an
 * issue: the `constructs` library would turn `/` into `--`, and throw on the second use.
 */
export abstract class Construct extends Node {
  /** The id as the author wrote it. */
  readonly label: string
  /** The author's line that made it. */
  readonly source: SourceLocation

  constructor(scope: Node | undefined, label: string, callee: abstract new (...args: never) => unknown) {
    const source = locate(callee)
    // The library's types do not say that a program without types can pass anything.
    const above: unknown = scope
    if (above !== undefined && !(above instanceof Node))
      throw new TypeError(`Expected a construct above the ${callee.name} ${label}, got ${shown(above)}`)
    if (typeof label !== 'string') throw new TypeError(`Expected a name for the ${callee.name}, got ${String(label)}`)
    const { id, first } = placeFor(scope, label)
    // The root has no scope; the library's types do not say that it may be left out.
    super(scope as Node, id)
    this.label = label
    this.source = source
    sizes.set(this.node.root, treeSize(this) + 1)
    if (first !== undefined) this.report({ code: 'structure/duplicate-name', name: label, first: first.source })
    if (scope !== undefined && (!isLabel(label) || label.trim() === '')) this.report({ code: 'structure/label', label })
  }

  /** The labels from the app to here: `acme/ubuntu/jammy`. */
  get path(): string {
    const labels = this.node.scopes.filter((scope): scope is Construct => scope instanceof Construct).map(({ label }) => label)
    return labels.filter((label) => label !== '').join('/')
  }

  /**
   * Records what an untyped program, or an object made elsewhere, says and nothing reads, at every depth: nothing is ever dropped.
   * @throws {TypeError} a value of another type: nothing can be made of it
   */
  protected checkProps<T>(props: T, form: Keyword<T>): void {
    const { unknown, wrong } = problemsOf(props, form, this.label === '' ? 'the app' : this.label)
    if (wrong !== undefined) throw wrong
    for (const { keyword, meant } of unknown)
      this.report({ code: 'structure/unknown-property', name: this.label, property: keyword, meant })
  }

  /**
   * Records a problem of this construct; `synth` reports it with all others. Your own construct gives its problem a code that
   * begins with `custom/`.
   *
   * @example
   * class Service extends Construct {
   *   constructor(scope: Construct, id: string, props: { owner?: string }) {
   *     super(scope, id, new.target)
   *     if (props.owner === undefined)
   *       this.report({ code: 'custom/no-owner', sentence: `${id} has no owner`, help: 'Give it an owner.' })
   *   }
   * }
   */
  protected report(facts: IssueFacts | CustomFacts): void {
    if ('sentence' in facts && (typeof facts.sentence !== 'string' || typeof facts.help !== 'string'))
      throw new TypeError(`Expected a sentence and help for the issue ${facts.code}`)
    const root = this.node.root
    const problems = recorded.get(root) ?? []
    problems.push({ at: this, facts })
    recorded.set(root, problems)
  }
}

/** The problems that constructs reported while the tree was made. */
export function recordedProblems(root: IConstruct): readonly Recorded[] {
  return recorded.get(root) ?? []
}

/** The id under which the library takes a label, and the construct that has the label already. */
function placeFor(scope: Node | undefined, label: string): { readonly id: string; readonly first: Construct | undefined } {
  if (scope === undefined) return { id: '', first: undefined }
  // The library takes no empty id, and keeps its children in an object, which puts `9` and `10` before all other keys.
  const plain = label === '' || /^\d+$/.test(label) ? `#${label}` : label
  let first: Construct | undefined
  for (let count = 1; ; count++) {
    const id = count === 1 ? plain : `${plain} (${count})`
    const taken = scope.node.tryFindChild(id)
    if (taken === undefined) return { id, first }
    if (first === undefined && taken instanceof Construct && taken.label === label) first = taken
  }
}
