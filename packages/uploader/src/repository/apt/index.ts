import { isArchitecture, isIndexField, isSuiteName } from '@stagegate/schema'
import * as v from 'valibot'
import { defineRepository } from '../define.js'
import { openTree, treeSettings } from '../indexed/open-tree.js'
import { named, settingsBy } from '../settings.js'
import { AptLayout } from './layout.js'

const suite = named(isSuiteName, 'the name of a suite such as stable')
const line = named(isIndexField, 'one line of text')

const Settings = v.strictObject({
  ...treeSettings,
  suite: v.optional(v.union([suite, v.record(v.string(), suite)])),
  component: v.optional(named(isSuiteName, 'a component such as main')),
  architectures: v.optional(v.array(named(isArchitecture, 'an architecture such as amd64'))),
  origin: v.optional(line),
  label: v.optional(line),
  description: v.optional(line),
  plainNames: v.optional(v.boolean()),
})
type AptRepositorySettings = v.InferOutput<typeof Settings>

/** A repository for apt on a bucket or a directory. The credentials are those of the store, then the keys that sign, then their passphrase. */
export const apt = defineRepository<AptRepositorySettings>({
  type: 'apt',
  formats: ['deb'],
  parse: settingsBy(Settings, 'a repository for apt has wrong settings'),
  open: (opening, environment) => openTree(new AptLayout(opening.settings), opening, environment),
})
