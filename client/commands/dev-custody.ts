/** What `holdfast dev` has for custody: two accounts, a vault with recovery points, and a `holdfast.yaml` that fits them. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BACKUP_DEMO, seedBackupDemo } from '../../sandbox/backup-demo.ts';
import { BACKUP_WORLD } from '../../sandbox/backup-world.ts';
import type { ServedTarget } from '../../worker/aws-clients.ts';
import type { IntakeOptions } from '../../worker/intake.ts';
import { STATE_FOLDER } from '../dev-state.ts';
import type { Beside } from './dev-setup.ts';

const { account, region, backupAccount, backupRegions, vault } = BACKUP_WORLD;

/** Beside what is the user's own: `holdfast.yaml` in the folder may be anything. */
const DEV_CONFIG = join(STATE_FOLDER, 'holdfast.yaml');

const roleArn = `arn:aws:iam::${backupAccount}:role/holdfast`;

export const custodyOfDev: Beside = {
  fill: ({ world }) => seedBackupDemo(world),
  moreTargets: backupRegions.map((each): ServedTarget => ({ account: backupAccount, region: each, roleArn })),
  intake: async ({ endpoint }) => {
    mkdirSync(dirname(DEV_CONFIG), { recursive: true });
    writeFileSync(DEV_CONFIG, CONFIG.replaceAll('<sandbox>', endpoint));
    return await intakeOf(DEV_CONFIG);
  },
};

/** As a worker with `--config` would have it. */
async function intakeOf(file: string): Promise<IntakeOptions> {
  const { readConfig } = await import('../config-file.ts');
  const { intake, custody } = readConfig(file);
  return { queues: intake.queues, policies: Object.values(custody) };
}

const CONFIG = `# Written by holdfast dev: its two accounts, and what becomes of the recovery points of the first.
accounts:
  - { id: '${account}', name: production, regions: [${region}] }
  - id: '${backupAccount}'
    name: backup
    roleArn: ${roleArn}
    regions: [${backupRegions.join(', ')}]

# EventBridge brings the events of AWS Backup there. Elsewhere the address begins with https://sqs.${region}.amazonaws.com
intake:
  queues:
    - account: production
      region: ${region}
      url: <sandbox>/${account}/${BACKUP_WORLD.queueName}
      deadLetterUrl: <sandbox>/${account}/${BACKUP_WORLD.deadLetterQueueName}

policies:
  custody:
    nightly:
      sources: [{ account: production }]
      evidence: { account: production, region: ${region}, bucket: ${BACKUP_WORLD.evidenceBucket} }
      operatorTopicArn: ${BACKUP_WORLD.topicArn}
      # The first rule that matches holds.
      rules:
        # No copies: these are left alone.
        - name: scratch
          match: { resourceTypes: [EBS], tags: { Env: Scratch } }
        # Two copies; then the original is kept for a week only.
        - name: databases
          match: { resourceTypes: [RDS, Aurora, DynamoDB] }
          legs:
            - { name: near, account: backup, region: ${backupRegions[0]}, lifecycle: { deleteAfterDays: 35 } }
            - { name: far, account: backup, region: ${backupRegions[1]}, lifecycle: { deleteAfterDays: 365 } }
          then: { shortenTo: 7d }
        # Two copies; then the original is deleted, but never the newest of its file system.
        - name: files
          match: { resourceTypes: [EFS] }
          legs:
            - { name: near, account: backup, region: ${backupRegions[0]}, lifecycle: { deleteAfterDays: 35 } }
            - { name: far, account: backup, region: ${backupRegions[1]}, lifecycle: { deleteAfterDays: 365 } }
          then: delete
        # One copy, in another account and Region; then the original is kept for a week only.
        - name: others
          legs: [{ name: far, account: backup, region: ${backupRegions[1]}, lifecycle: { deleteAfterDays: 35 } }]
          then: { shortenTo: 7d }
          # A copy must be there for so long from now on, or the original is not touched.
          minRemaining: 7d
      restoreTests:
        - account: backup
          region: ${backupRegions[1]}
          vault: ${vault}
          resourceTypes: [EBS]
          isolated: { availabilityZone: ${backupRegions[1]}a }

schedules:
  sweep: { custody: nightly }
`;

/** In the order in which somebody new to it would look: the last one is blocked. */
export const CUSTODY_TRY = [
  `custody plan --config ${DEV_CONFIG} --policy nightly --vault ${vault}`,
  `custody reconcile --config ${DEV_CONFIG} --policy nightly --full --wait`,
  'custody list --ended',
  `custody show ${BACKUP_DEMO.snapshotArn}`,
  `custody verify-evidence --config ${DEV_CONFIG} --policy nightly`,
  `custody show ${BACKUP_DEMO.blockedSnapshotArn}`,
];
