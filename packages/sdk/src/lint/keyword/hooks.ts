import { fields, mapping } from '../checks.js'
import { script } from './script.js'

export const hooks = mapping('J24', 'hooks', fields('J24', 'hooks', { pre_get_sources_script: script }))
