import { all, anything, type Check, ensure, fields, flag, type MapCheck, notTogether, text, textOrTexts } from '../checks.js'
import { isBlank } from '../value.js'
import { allowFailure, allowFailureOfTrigger } from './allow-failure.js'
import { coverage } from './coverage.js'
import { dastConfiguration, secrets } from './credentials.js'
import { inheritedKeywords } from './default.js'
import { dependencies, dependenciesAmongNeeds } from './dependencies.js'
import { environment } from './environment.js'
import { inherit } from './inherit.js'
import { jobInputs } from './job-inputs.js'
import { isBridgeNeed, needItems, needs, needsOfTrigger } from './needs.js'
import { onlyExcept } from './only-except.js'
import { pages, publish } from './pages.js'
import { parallel, parallelOfTrigger } from './parallel.js'
import { release } from './release.js'
import { rules } from './rules.js'
import { script } from './script.js'
import { stage } from './stages.js'
import { steps } from './steps.js'
import { trigger } from './trigger.js'
import { jobVariables } from './variables.js'
import { delay, noOldKeysWithRules, whenJob, whenTrigger } from './when.js'

/** Keywords of jobs with a script and of jobs with a trigger. */
const anyJob: Readonly<Record<string, Check>> = {
  stage,
  only: onlyExcept,
  except: onlyExcept,
  rules,
  variables: jobVariables,
  inherit,
  environment,
  interruptible: flag('J13', 'interruptible'),
  extends: textOrTexts('J19', 'extends'),
  resource_group: text('J13', 'resource-group'),
}

const keywords: MapCheck = fields('J2', 'job', {
  ...inheritedKeywords,
  ...anyJob,
  script,
  run: steps,
  coverage,
  parallel,
  needs,
  release,
  pages,
  secrets,
  inputs: jobInputs,
  dast_configuration: dastConfiguration,
  when: whenJob,
  start_in: anything,
  allow_failure: allowFailure,
  dependencies,
  manual_confirmation: text('J13', 'manual-confirmation'),
  publish: text('J20', 'pages-publish'),
  // Reported as excluding `script`, so not as unknown.
  trigger: anything,
})

const hasScript: MapCheck = (job, place) => {
  if (job.has('script') && isBlank(job.get('script'))) place.at('script').fail('J5', 'script-empty', 'has no line')
}

/** A job that a runner runs. */
export const job: MapCheck = all(
  keywords,
  hasScript,
  notTogether('J6', 'script-and-run', 'script', 'run', 'trigger'),
  notTogether('J6', 'before-script-and-run', 'before_script', 'run'),
  notTogether('J6', 'after-script-and-run', 'after_script', 'run'),
  delay,
  noOldKeysWithRules,
  dependenciesAmongNeeds,
  publish,
)

const triggerKeywords: MapCheck = fields('T3', 'trigger-job', {
  ...anyJob,
  trigger,
  parallel: parallelOfTrigger,
  needs: needsOfTrigger,
  when: whenTrigger,
  allow_failure: allowFailureOfTrigger,
})

const triggersSomething: MapCheck = (map, place) => {
  const bridges = needItems(map.get('needs')).filter(isBridgeNeed)
  if ((map.get('trigger') ?? null) === null && bridges.length === 0)
    place.fail('J4', 'job-without-work', 'has neither `script` nor `trigger`')
  if (bridges.length > 1) place.fail('J4', 'needs-bridges', 'needs more than one other pipeline')
}

/** A job that starts another pipeline. */
export const triggerJob: MapCheck = all(triggerKeywords, triggersSomething, noOldKeysWithRules)

/** The keywords of a hidden job are checked where it is used. */
export const hiddenJob: Check = ensure('J4', 'hidden-job-empty', (value) => !isBlank(value), 'is empty')
