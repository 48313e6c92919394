import { type Check, fields, flag, mapping } from '../checks.js'
import { artifacts } from './artifacts.js'
import { cache } from './cache.js'
import { identity, idTokens } from './credentials.js'
import { hooks } from './hooks.js'
import { image } from './image.js'

import { retry } from './retry.js'
import { script } from './script.js'
import { services } from './services.js'
import { tags } from './tags.js'
import { timeout } from './when.js'

/** Keywords of jobs that `default` can set. */
export const inheritedKeywords: Readonly<Record<string, Check>> = {
  before_script: script,
  after_script: script,
  hooks,
  cache,
  image,
  services,
  interruptible: flag('J13', 'interruptible'),
  timeout,
  retry,
  tags,
  artifacts,
  id_tokens: idTokens,
  identity,
}

export const defaults: Check = mapping('R4', 'default', fields('R4', 'default', inheritedKeywords))
