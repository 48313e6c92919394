// The same jobs as plain objects: what the other two contestants are given.

const condition = '$CI_COMMIT_TAG =~ /^v\\d+\\.\\d+\\.\\d+$/ && $CI_COMMIT_REF_PROTECTED == "true"'
const kind = [{ if: '$STAGEGATE_KIND == "release"' }]
const command = (words) => [`node .stagegate/stagegate.mjs ${words}`]
const credential = (name) => ({
  inherit: { default: false, variables: false },
  image: 'node:24-slim',
  variables: { GIT_STRATEGY: 'empty', RUNNER_SCRIPT_TIMEOUT: '1h50m' },
  timeout: '2 hours',
  interruptible: false,
  environment: { name, action: 'prepare' },
  resourceGroup: name,
})

export function plainJobs(count) {
  const targets = Array.from({ length: 11 }, (_, number) => `el/${number}`)
  const jobs = {
    prepare: { stage: 'prepare', needs: [], image: 'node:24-slim', script: ['npm ci'], artifacts: { paths: ['.stagegate/'] }, rules: kind },
  }
  for (const target of targets) {
    jobs[`build: [${target}]`] = {
      stage: 'build',
      needs: [],
      image: 'builder',
      script: ['make package'],
      artifacts: { paths: ['dist/*'], expireIn: '3 days' },
      rules: kind,
    }
    jobs[`stage: [${target}]`] = {
      stage: 'stage',
      needs: ['prepare', `build: [${target}]`],
      ...credential(`staging/${target}`),
      script: command(`stage --target ${target}`),
      artifacts: { paths: ['.stagegate/records/'], expireIn: '21 days' },
      rules: [{ if: condition, variables: { STAGEGATE_KIND: 'release' } }],
    }
  }
  jobs.seal = {
    stage: 'seal',
    needs: ['prepare', ...targets.map((target) => `stage: [${target}]`)],
    script: command('seal'),
    rules: kind,
  }
  jobs['deploy: [production]'] = { stage: 'deploy', needs: ['seal'], script: ['deploy'], rules: kind }
  for (const target of targets) {
    jobs[`publish: [${target}]`] = {
      stage: 'publish',
      needs: ['prepare', 'seal', 'deploy: [production]'],
      ...credential(`public/${target}`),
      script: command(`publish --target ${target}`),
      artifacts: { paths: ['.stagegate/receipts/'] },
      rules: [{ if: condition, when: 'manual', allowFailure: false }],
    }
    jobs[`verify: [${target}]`] = {
      stage: 'verify',
      needs: ['prepare', 'seal', `publish: [${target}]`],
      script: command(`verify --target ${target}`),
      rules: kind,
    }
  }
  for (let number = 0; number < count - 48; number++) {
    const needs = number % 10 === 0 ? [] : [`test ${number - 1}`]
    jobs[`test ${number}`] = { stage: 'build', needs, image: 'tester', script: [`make test-${number}`], rules: kind }
  }
  return jobs
}
export const stages = ['prepare', 'build', 'stage', 'seal', 'deploy', 'publish', 'verify']
