import { isKeyPrefix } from '@stagegate/schema'
import * as v from 'valibot'
import { defineRepository } from '../define.js'
import { openTree, treeSettings } from '../indexed/open-tree.js'
import { named, settingsBy } from '../settings.js'
import { YumLayout } from './layout.js'

const folder = named(isKeyPrefix, 'a folder such as el/9')

const Settings = v.strictObject({
  ...treeSettings,
  folder: v.optional(v.union([folder, v.record(v.string(), folder)])),
  indexSignature: v.optional(v.boolean()),
})
type YumRepositorySettings = v.InferOutput<typeof Settings>

/** A repository for yum on a bucket or a directory. The credentials are those of the store, then the keys that sign, then their passphrase. */
export const yum = defineRepository<YumRepositorySettings>({
  type: 'yum',
  formats: ['rpm'],
  parse: settingsBy(Settings, 'a repository for yum has wrong settings'),
  open: (opening, environment) => openTree(new YumLayout(opening.settings), opening, environment),
})
