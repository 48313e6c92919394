export { type StorePath, storePath } from './path.js'
export {
  type CopyingStore,
  type Entry,
  type MovingStore,
  type Reading,
  type Replaced,
  type Sighting,
  type Store,
  type Version,
  version,
} from './store.js'
export { type Users, usersOf } from './users.js'
