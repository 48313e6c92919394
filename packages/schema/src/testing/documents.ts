import type { DeploymentRecord } from '../deployment-record.js'
import { bytes, instant, seconds, sha256 } from '../make-atom.js'
import type { Origin } from '../origin.js'
import type { ProgramReceipt } from '../program-receipt.js'
import type { Receipt } from '../receipt.js'
import type { ReleaseManifest } from '../release-manifest.js'
import type { PlannedDestination, ReleasePlan } from '../release-plan.js'
import type { StagedArtifact, StagingAttempt, StagingRecord } from '../staging-record.js'
import type { Verification } from '../verification.js'

// One small release, as each of its jobs writes it.
const digest = (digit: string) => sha256(digit.repeat(64))
const noon = instant(Date.UTC(2026, 0, 31, 12))
const destination: PlannedDestination = { repository: 'stable', advisory: false }

const origin: Origin = {
  rehearsal: false,
  instance: 'https://gitlab.example',
  project: { id: 7, path: 'acme/acme' },
  pipeline: 1001,
  job: { id: 5, name: 'stage: [ubuntu/jammy]' },
  commit: 'c'.repeat(40),
  ref: { tag: 'v1.2.3' },
  pipelineKind: 'release',
  plan: digest('1'),
}

const artifact: StagedArtifact = {
  coordinates: {
    format: 'deb',
    distribution: 'ubuntu/jammy',
    architecture: 'amd64',
    name: 'acme',
    version: '1:1.2.3-1',
    file: 'acme_1%3a1.2.3-1_amd64.deb',
  },
  content: { sha256: digest('a'), size: bytes(4096) },
  repository: 'staging',
  location: 'ubuntu/jammy/acme_1%3a1.2.3-1_amd64.deb',
}

export const plan: ReleasePlan = {
  apiVersion: 'stagegate/v1',
  kind: 'ReleasePlan',
  generator: '@stagegate/sdk 0.1.0',
  project: { url: 'https://gitlab.example', path: 'acme/acme' },
  records: { type: 'gitlab' },
  allowedVariables: ['HTTPS_PROXY'],
  kinds: {
    release: { when: { fact: 'tag', operator: '=~', operand: '^v.+$' }, version: { tag: '^v(.+)$' }, publishes: true },
    branch: {
      when: { all: [{ fact: 'branch', operator: '!=', operand: null }, { any: [{ unknown: '$NIGHTLY == null' }] }] },
      version: null,
      publishes: false,
    },
  },
  repositories: {
    staging: {
      role: 'staging',
      type: 'packagecloud',
      origin: 'https://packages.example',
      settings: { repository: 'acme/staging', further: [1, { deep: null }] },
      credentials: { read: ['STAGING_TOKEN'], write: ['STAGING_TOKEN'] },
    },
    stable: { role: 'public', type: 'directory', origin: '', settings: { path: 'public' }, credentials: { read: [], write: [] } },
  },
  releases: [
    {
      id: 'acme',
      hold: seconds(14 * 86_400),
      approval: 'each',
      jobs: { seal: 'seal' },
      targets: [
        {
          id: 'ubuntu/jammy',
          optional: false,
          what: { type: 'package', files: ['dist/*.deb'], distribution: 'ubuntu/jammy', architecture: 'amd64' },
          verify: 'http',
          jobs: {
            build: 'build: [ubuntu/jammy]',
            stage: 'stage: [ubuntu/jammy]',
            seal: 'seal',
            publish: 'publish: [ubuntu/jammy]',
            verify: 'verify: [ubuntu/jammy]',
          },
          routes: {
            branch: { public: [] },
            release: { staging: 'staging', public: [destination, { ...destination, distribution: 'ubuntu/noble', advisory: true }] },
          },
        },
      ],
      deployments: [
        { id: 'production', job: 'deploy: [production]', environment: 'production', kinds: ['release'], gates: true },
        {
          id: 'ops',
          job: 'deploy: [ops]',
          confirm: 'confirm: [ops]',
          kinds: ['release'],
          gates: true,
          remote: {
            url: 'https://ops.gitlab.example',
            project: 'acme/deployer',
            ref: 'main',
            trigger: 'OPS_TRIGGER_TOKEN',
            read: 'OPS_READ_TOKEN',
            variables: { VERSION: '$STAGEGATE_VERSION' },
            inputs: { environment: 'production' },
            wait: seconds(7_200),
          },
        },
      ],
      pages: [
        { repository: 'stable', job: 'announce: [stable]', late: { image: 'announce: [image in stable]' }, notes: 'docs/CHANGELOG.md' },
      ],
    },
  ],
}

export const record: StagingRecord = {
  apiVersion: 'stagegate/v1',
  kind: 'StagingRecord',
  origin,
  release: 'acme',
  target: 'ubuntu/jammy',
  artifacts: [artifact, { ...artifact, coordinates: { format: 'file', path: 'doc/acme.txt' } }],
  stagedAt: noon,
  expiresAt: instant(Date.UTC(2026, 1, 21, 12)),
}

export const attempt: StagingAttempt = {
  apiVersion: 'stagegate/v1',
  kind: 'StagingAttempt',
  origin,
  release: 'acme',
  target: 'ubuntu/jammy',
  repository: 'staging',
  files: ['dist/acme_1.2.3-1_amd64.deb'],
  begunAt: noon,
}

export const manifest: ReleaseManifest = {
  apiVersion: 'stagegate/v1',
  kind: 'ReleaseManifest',
  origin: { ...origin, ref: { branch: 'main' } },
  release: 'acme',
  version: '1.2.3',
  targets: [{ target: 'ubuntu/jammy', record: digest('2'), artifacts: [artifact], destinations: [destination] }],
  absent: [{ target: 'raspbian/bookworm', because: 'optional-not-staged' }],
  sealedAt: noon,
  expiresAt: instant(Date.UTC(2026, 1, 14, 12)),
}

export const deployment: DeploymentRecord = {
  apiVersion: 'stagegate/v1',
  kind: 'DeploymentRecord',
  origin,
  manifest: digest('3'),
  release: 'acme',
  deployment: 'ops',
  url: 'https://ops.gitlab.example',
  project: 'acme/deployer',
  ref: 'main',
  key: 'acme-1.2.3-ops-333333333333',
  pipeline: { id: 4711, url: 'https://ops.gitlab.example/acme/deployer/-/pipelines/4711', status: 'success', seenAt: noon },
  startedAt: noon,
}

const outcome = {
  coordinates: artifact.coordinates,
  expected: artifact.content,
  seen: digest('b'),
  verdict: 'conflict',
  problem: { code: 'conflict', message: 'another file of that name' },
  bytesSent: bytes(0),
  startedAt: noon,
  finishedAt: noon,
  milliseconds: { waiting: 0, looking: 12, sending: 3400, confirming: 20 },
} as const

export const programReceipt: ProgramReceipt = {
  apiVersion: 'stagegate/v1',
  kind: 'ProgramReceipt',
  by: { ci: 'jenkins', run: '4711' },
  release: 'acme',
  version: '1.2.3',
  writtenAt: noon,
  outcomes: [{ path: 'dist/acme_1.2.3_amd64.deb', repository: 'stable', ...outcome }],
}

export const receipt: Receipt = {
  apiVersion: 'stagegate/v1',
  kind: 'Receipt',
  origin,
  manifest: digest('3'),
  release: 'acme',
  outcomes: [{ target: 'ubuntu/jammy', destination, ...outcome }],
}

export const verification: Verification = {
  apiVersion: 'stagegate/v1',
  kind: 'Verification',
  origin,
  manifest: digest('3'),
  release: 'acme',
  findings: [
    { target: 'ubuntu/jammy', destination, coordinates: artifact.coordinates, found: 'sealed-bytes', checkedAt: noon },
    {
      target: 'hello',
      destination,
      coordinates: { format: 'image', image: 'acme/hello', tag: '1.2.3' },
      found: 'sealed-bytes',
      layers: { read: 3, unread: [{ digest: artifact.content.sha256, because: 'there-before' }] },
      checkedAt: noon,
    },
  ],
}
