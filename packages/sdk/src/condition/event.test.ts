import { describe, expect, it } from 'vitest'
import { variablesOf } from './event.js'

describe('variablesOf', () => {
  it('sets a tag and no branch', () => {
    expect(variablesOf({ tag: 'v1.2.3', protected: true })).toEqual({
      CI_COMMIT_TAG: 'v1.2.3',
      CI_COMMIT_REF_NAME: 'v1.2.3',
      CI_COMMIT_REF_SLUG: 'v1-2-3',
      CI_COMMIT_REF_PROTECTED: 'true',
      CI_DEFAULT_BRANCH: 'main',
      CI_PIPELINE_SOURCE: 'push',
      CI_PROJECT_PATH: 'group/project',
    })
  })

  it('sets a branch and no tag', () => {
    const variables = variablesOf({ branch: 'main', source: 'schedule', project: 'acme/omnibus' })
    expect(variables).toMatchObject({
      CI_COMMIT_BRANCH: 'main',
      CI_COMMIT_REF_PROTECTED: 'false',
      CI_PIPELINE_SOURCE: 'schedule',
      CI_PROJECT_PATH: 'acme/omnibus',
    })
    expect(variables).not.toHaveProperty('CI_COMMIT_TAG')
  })

  it('sets neither for a merge request', () => {
    const variables = variablesOf({ mergeRequest: 'fix/it' })
    expect(variables).toMatchObject({
      CI_MERGE_REQUEST_SOURCE_BRANCH_NAME: 'fix/it',
      CI_MERGE_REQUEST_IID: '1',
      CI_PIPELINE_SOURCE: 'merge_request_event',
      CI_COMMIT_REF_NAME: 'fix/it',
    })
    expect(variables).not.toHaveProperty('CI_COMMIT_TAG')
    expect(variables).not.toHaveProperty('CI_COMMIT_BRANCH')
  })

  it('lets the variables of the pipeline override everything', () => {
    expect(variablesOf({ branch: 'main', variables: { CI_COMMIT_TAG: 'v9', CI_COMMIT_REF_PROTECTED: 'true' } })).toMatchObject({
      CI_COMMIT_TAG: 'v9',
      CI_COMMIT_BRANCH: 'main',
      CI_COMMIT_REF_PROTECTED: 'true',
    })
  })

  it('cuts the slug to what fits a host name', () => {
    expect(variablesOf({ branch: `Feature/${'x'.repeat(54)}--y` })['CI_COMMIT_REF_SLUG']).toBe(`feature-${'x'.repeat(54)}`)
    expect(variablesOf({ branch: '_é_' })['CI_COMMIT_REF_SLUG']).toBe('')
  })
})
