import { describe, expect, test } from 'vitest'
import { audit } from '../audit.js'
import type { AuditOptions } from '../audit-options.js'
import { causesOf } from '../cause.js'
import { patternsOf } from './patterns.js'

const guessesIn = (yaml: string, options?: AuditOptions) => audit(yaml, options).guesses
const job = (line: string) => `x:\n  script:\n    - ${JSON.stringify(line)}\n`

describe('a command that publishes is seen, with its line', () => {
  test.each([
    ['package_cloud push acme/stable/ubuntu/noble x.deb', 'it publishes a package'],
    ['twine upload --skip-existing dist/*', 'it publishes a package'],
    ['python -m twine upload dist/*', 'it publishes a package'],
    ['npm --prefix web publish --access public', 'it publishes a package'],
    ['cargo publish', 'it publishes a package'],
    ['bundle exec rake release', 'it publishes a package'],
    ['gem push acme.gem', 'it publishes a package'],
    ['mvn -B -s settings.xml deploy', 'it publishes a package'],
    ['goreleaser release --clean', 'it publishes a package'],
    ['./gradlew :lib:publishAllPublicationsToCentralRepository', 'it publishes a package'],
    ['docker push acme/hello:1', 'it pushes an image'],
    ['docker buildx build --platform linux/amd64 --push -t acme/hello .', 'it pushes an image'],
    ['buildah push localhost/x docker://quay.io/acme/x', 'it pushes an image'],
    ['crane push x.tar acme/x', 'it pushes an image'],
    ['skopeo copy oci:x docker://docker.io/acme/x', 'it pushes an image'],
    ['/kaniko/executor --context . --destination acme/x:1', 'it pushes an image'],
    ['helm push chart.tgz oci://registry.example/charts', 'it pushes an image'],
    ['glab release create v1 --notes x', 'it creates a release with files'],
    ['aptly publish repo stable', 'it changes a package repository'],
    ['reprepro -b /srv includedeb noble x.deb', 'it changes a package repository'],
    ['aws s3 cp dist/x.tar.gz s3://downloads/x.tar.gz --acl public-read', 'it copies files to a bucket'],
    ['gsutil -m rsync -r out gs://downloads', 'it copies files to a bucket'],
    ['curl --upload-file x "$CI_API_V4_URL/projects/1/packages/generic/x/1/x"', 'it uploads to a package registry of GitLab'],
    ['curl -T x https://nexus.example/repository/raw/x', 'it uploads a file'],
    ['npm publish --dry-run && npm publish', 'it publishes a package'],
    ['npm publish --dry-run=false', 'it publishes a package'],
  ])('%s', (line, way) => {
    expect(guessesIn(job(line))).toEqual([expect.objectContaining({ job: 'x', by: 'command', way, file: '.gitlab-ci.yml', line: 3 })])
  })
})

test.each([
  `sh -c 'docker push acme/x'`,
  'ssh ci@builder.example "docker push acme/x"',
  'VERSION=1 npm publish',
  'time docker push acme/x',
  'retry 3 docker push acme/x',
  '(cd web && npm publish)',
  'for image in a b; do docker push "$image"; done',
  'npm publish || echo "it is there"',
  'npm publish # for everybody',
  'echo "$TOKEN" | docker login --password-stdin && docker push acme/x',
  `find . -name '*.deb' -exec package_cloud push acme/stable/any {} \\;`,
  'ls *.nupkg | xargs -n1 dotnet nuget push',
  'result=$(docker push acme/x 2>&1)',
  './node_modules/.bin/semantic-release',
  'docker --config ci push acme/x --all-tags',
  './gradlew clean test :lib:publish --no-daemon',
  'skopeo copy docker://localhost:5000/x docker://docker.io/acme/x',
  'buildah push acme/x',
  'scp "$FILE" "$USER@$HOST:$FOLDER"',
  'make check publish',
  'bash ./ci/upload_packages.sh stable',
])('a command is seen in its surroundings: %s', (line) => {
  expect(guessesIn(job(line))).toEqual([expect.objectContaining({ job: 'x', by: 'command' })])
})

test.each([
  'echo docker push acme/x > later.sh',
  'if ! grep -q "npm publish" README.md; then exit 1; fi',
  'make test # then npm publish; docker push acme/x',
  'git commit -m "npm publish works again"',
  'npm test -- publish',
  'helm upgrade --install push-service chart',
  'docker compose -f push.yml up -d',
  'yarn workspace publish-tools build',
  'docker push --quiet "localhost:5000/acme/x"',
  'twine upload --repository-url=http://127.0.0.1:8080 dist/*',
  'aws --endpoint-url http://localhost:4566 s3 cp a s3://b',
  'mvn -f deploy/pom.xml verify',
  'make test-push',
  'make -n publish',
  'bash ci/publish.sh --dry-run',
  'shellcheck ci/publish.sh',
  'npm config set //r.example/api/v4/projects/1/packages/npm/:_authToken "$CI_JOB_TOKEN"',
  'helm repo add acme "$CI_API_V4_URL/projects/1/packages/helm/stable"',
  'rsync -a --exclude=a:b src/ out/',
  'curl -F file=@coverage.xml https://quality.example/upload',
  'npm publish --dry-run',
  'helm push --dry-run x y',
  'docker build -t acme/hello .',
  'docker pull acme/hello',
  'skopeo copy docker://docker.io/acme/x oci:x',
  '/kaniko/executor --no-push --destination x',
  'goreleaser release --snapshot --clean',
  'aws s3 cp s3://downloads/x .',
  'gsutil cp gs://downloads/x .',
  './gradlew publishToMavenLocal',
  'pip install --index-url "https://gitlab.example/api/v4/projects/1/packages/pypi/simple" acme',
  'curl -o x "$CI_API_V4_URL/projects/1/packages/generic/x/1/x"',
  '# npm publish',
  'npm ci',
  'bundle exec rake release:package',
  'rake release-notes',
  'git push origin main',
])('nothing is guessed of %s', (line) => {
  expect(guessesIn(job(line))).toEqual([])
})

test.each([
  ['pages', 'keyword', 'x: {script: [x], pages: true}\n'],
  ['pages', 'keyword', 'pages: {script: [x]}\n'],
  ['release: $CI_COMMIT_TAG', 'keyword', 'x: {script: [x], release: {tag_name: $CI_COMMIT_TAG, description: x}}\n'],
  ['aud: pypi', 'token', 'x: {script: [x], id_tokens: {T: {aud: pypi}}}\n'],
  ['environment: production/pypi', 'environment', 'x: {script: [x], environment: {name: production/pypi}}\n'],
  ['deploy … pypi', 'name', 'deploy-to-pypi: {script: [x]}\n'],
  ['publish', 'name', 'publishStable: {script: [x]}\n'.replace('publishStable', 'publish stable')],
  ['release', 'name', '"release: [el/9]": {script: [x]}\n'],
])('%s is seen by its %s', (words, by, yaml) => {
  expect(guessesIn(yaml)).toEqual([expect.objectContaining({ words, by, line: 1 })])
})

test.each([
  ...['release-notes', 'test-release', 'build-release', 'prepare release', 'deploy-staging', 'lint', 'check-publish', 'stop public'],
  ...[
    'publish-results',
    'upload_reports',
    'upload-logs',
    'create-release-branch',
    'pre-release-checks',
    'remove-old-release',
    'rollback release',
  ],
  ...['publish staging', 'upload-symbols'],
])('nothing is guessed of a job called %s', (name) => {
  expect(guessesIn(`${name}: {script: [x]}\n`)).toEqual([])
})

const held = `
check: {stage: test, script: [x], rules: [{when: manual, allow_failure: false}]}
push:
  stage: deploy
  extends: .push
  needs: [check]
  rules: [{if: $CI_COMMIT_REF_PROTECTED == "true", when: manual, allow_failure: false}]
.push:
  script:
    - docker push "$CI_REGISTRY_IMAGE"
`

test('the words of a template are found there, and the registry of the project is the premise', () => {
  expect(guessesIn(held)).toEqual([
    expect.objectContaining({
      job: 'push',
      line: 10,
      words: 'docker push "$CI_REGISTRY_IMAGE"',
      premise: 'the project’s container registry is public',
    }),
  ])
})

test('a manual job before a click is a gate; before a job that starts automatically it is the click; without needs it is unsure', () => {
  const clicks = (yaml: string) => audit(yaml).clicks.map(({ job: name, is, before }) => [name, is, before])
  expect(clicks(held)).toEqual([['check', 'gate', ['push']]])
  expect(clicks(held.replace(', when: manual, allow_failure: false}]\n.push', '}]\n.push'))).toEqual([['check', 'click', ['push']]])
  expect(clicks(held.replace('  needs: [check]\n', ''))).toEqual([['check', 'unsure', ['push']]])
  expect(audit(held).suggested).toEqual({ publishes: ['push'], gates: ['check'] })
  expect(audit(held, { publishes: ['push'], gates: ['check'] })).toMatchObject({ gate: 'holds', guesses: [], clicks: [] })
})

test('findings of guesses are warnings, rest on their guess and open nothing; one that is named is an error', () => {
  const yaml = 'a: {script: [npm publish]}\nb: {script: [cargo publish]}\n'
  const { gate, findings, ok } = audit(yaml)
  expect([gate, ok]).toEqual(['holds', true])
  expect(findings.map(({ code, severity, job: name, guess }) => [code, severity, name, guess])).toEqual([
    ['gate/open', 'warning', 'a', true],
    ['gate/open', 'warning', 'a', true],
    ['gate/open', 'warning', 'b', true],
    ['gate/open', 'warning', 'b', true],
  ])
  expect(findings[0]?.premise).toMatch(/^a publishes \(a guess\), and that a tag or branch that it matches is not protected/)
  expect(causesOf(findings).map(({ first, others }) => [first.job, others.map((one) => one.job)])).toEqual([
    ['a', ['b']],
    ['a', ['b']],
  ])
  expect(audit(yaml, { publishes: ['a'] })).toMatchObject({ gate: 'open', guesses: [] })
})

test('nothing is guessed where a comment, a credential or a plan says what publishes', () => {
  const yaml = 'a: {script: [npm publish]}\nb: {script: [x $TOKEN]}\n'
  expect(guessesIn(yaml.replace('b:', '# stagegate: publishes\nb:'))).toEqual([])
  expect(guessesIn(yaml, { secrets: ['TOKEN'] })).toEqual([])
})

test('the name of an environment is a guess until somebody says what publishes, here or in a child pipeline', () => {
  const out = 'out: {script: [./out], environment: {name: public/stable}}\n'
  const readLocal = () => out
  const yaml = 'ship: {script: [./ship]}\nchild: {trigger: {include: child.yml}}\n'
  const codes = (text: string, options?: AuditOptions) =>
    audit(text, { readLocal, ...options }).findings.flatMap(({ severity, code, job: name }) =>
      severity === 'error' ? [`${code} ${name}`] : [],
    )
  expect(codes(out)).toEqual([])
  expect(guessesIn(out)).toEqual([expect.objectContaining({ job: 'out', by: 'environment' })])
  expect(codes(yaml)).toEqual([])
  expect(codes(out, { gates: ['check'] })).toContain('gate/open out')
  expect(codes(`${out}ship: {script: [./ship]}\n`, { publishes: ['ship'] })).toContain('gate/open out')
  expect(codes(yaml, { publishes: ['ship'] })).toContain('secrets/in-child child')
  expect(codes(out + yaml, { publishes: ['out'] }).length).toBeGreaterThan(0)
})

test('a click in pipelines of another kind comes before nothing', () => {
  const yaml = `
tag: {stage: build, script: [x], rules: [{if: $CI_COMMIT_BRANCH == "main", when: manual}]}
npm: {stage: deploy, script: [npm publish], rules: [{if: $CI_COMMIT_TAG}]}
`
  expect(audit(yaml).clicks).toEqual([])
  expect(audit(yaml.replace('BRANCH == "main"', 'TAG =~ /^v/')).clicks).toEqual([expect.objectContaining({ job: 'tag' })])
})

test('a child pipeline of the project is looked at too', () => {
  const yaml = 'child: {trigger: {include: child.yml}}\n'
  expect(guessesIn(yaml, { readLocal: () => 'x:\n  script:\n    - gem push x\n' })).toEqual([
    expect.objectContaining({ job: 'x', child: 'child', file: 'child.yml', line: 3 }),
  ])
})

test('names that begin alike become one pattern, if no other job begins so', () => {
  const names = ['publish: [a]', 'publish: [b]', 'publish: [c]', 'push-x']
  expect(patternsOf(names, [...names, 'build'])).toEqual(['publish: [*', 'push-x'])
  expect(patternsOf(names, [...names, 'publish: [d]'])).toEqual(names)
})
