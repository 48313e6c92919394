import * as v from 'valibot'
import { defineRepository } from '../define.js'
import { settingsBy } from '../settings.js'
import { type OnStore, onStore, openStore } from '../stores.js'
import { StoredFiles } from './stored-files.js'

const Settings = v.strictObject(onStore)

/** Packages and plain files by path, on any store. The credentials are those of the store. */
export const files = defineRepository<OnStore>({
  type: 'files',
  formats: ['deb', 'rpm', 'file'],
  parse: settingsBy(Settings, 'a repository of files has wrong settings'),
  open: (opening, environment) => new StoredFiles({ ...openStore(opening, environment), path: opening.settings.path }),
})
