import type { Program, SynthOptions } from '../app-props.js'
import type { Synthesis } from '../synthesis.js'
import { makeDocument } from './document.js'
import { judge } from './judge.js'
import { render } from './render.js'
import { resolveDocument } from './resolve.js'
import { readTree } from './tree.js'

/** Turns an app into files and issues, in five phases. Each takes values and returns values; none changes the tree. */
export function synthesize(app: Program, { readLocal }: SynthOptions): Synthesis {
  const tree = readTree(app, readLocal)
  const made = makeDocument(app, tree)
  const resolved = resolveDocument(app, tree, made, readLocal)
  const judged = { app, tree, made, resolved }
  return render(judged, judge(judged))
}
