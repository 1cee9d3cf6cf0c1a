/** `holdfast dev`: everything embedded, up until Ctrl-C. */
import { Option, type Command } from 'commander';
import { BACKUP_WORLD } from '../../sandbox/backup-world.ts';
import { demoFleet, WELL_KNOWN } from '../../sandbox/scenarios.ts';
import { untilInterrupted } from '../interrupt.ts';
import { positive, wholeNumber } from '../number-flag.ts';
import { print, say } from '../output.ts';
import { custodyOfDev, CUSTODY_TRY } from './dev-custody.ts';
import { setUp, type SetUp } from './dev-setup.ts';
import { sandboxVariables } from './sandbox-env.ts';

export function addDev(program: Command): void {
  program
    .command('dev')
    .description(
      'run a Temporal server, an AWS sandbox with 200 WorkSpaces and a backup vault, and a worker, until Ctrl-C',
    )
    .addOption(new Option('--speed <n>', 'virtual seconds in a real one').argParser(positive(100_000)).default(240))
    .addOption(new Option('--seed <n>', 'another fleet, other timings').argParser(wholeNumber(0, 2 ** 31)).default(1))
    .addHelpText('after', '\nExample:\n  holdfast dev --speed 1000')
    .action(async ({ speed, seed }: { speed: number; seed: number }) => {
      say('Starting Temporal, the sandbox and a worker');
      const all = await setUp({ fleet: demoFleet(), speed, seed, beside: custodyOfDev });
      try {
        print(greeting(all, speed));
        await Promise.race([untilInterrupted(), all.broken]);
        say('Ending');
      } finally {
        await all.close();
      }
    });
}

/** The flags that name the fleet's upgrade. */
export const FLEET_FLAGS =
  `--account ${WELL_KNOWN.account} --region ${WELL_KNOWN.region} --bundle ${WELL_KNOWN.bundleId} ` +
  `--image ${WELL_KNOWN.newImageId} --tag ${WELL_KNOWN.tag.key}=${WELL_KNOWN.tag.value} --report-bucket ${WELL_KNOWN.reportBucket}`;

function greeting({ sandbox, place, uiUrl }: SetUp, speed: number): string {
  const { account, region } = WELL_KNOWN;
  const variables = sandboxVariables({ endpoint: sandbox.endpoint, account, region });
  return `
Temporal UI   ${uiUrl}
Temporal      ${place.address}, namespace ${place.namespace}
AWS sandbox   ${sandbox.endpoint}, account ${account}, ${region}; one real second is ${speed} there

Try, in another terminal and this folder:
  npx holdfast upgrade plan ${FLEET_FLAGS}
  npx holdfast upgrade start --notify-seconds 600 ${FLEET_FLAGS}
  npx holdfast upgrade status --watch
  npx holdfast upgrade abort --reason "only trying"
  npx holdfast upgrade report --csv
or, with the recovery points of AWS Backup in its vault ${BACKUP_WORLD.vault} and the policy in .holdfast/holdfast.yaml:
${CUSTODY_TRY.map((command) => `  npx holdfast ${command}`).join('\n')}

The AWS CLI sees the same with
  export ${Object.entries(variables)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')}
  aws workspaces describe-workspaces --bundle-id ${WELL_KNOWN.bundleId}
  aws backup list-recovery-points-by-backup-vault --backup-vault-name ${BACKUP_WORLD.vault}

Ctrl-C ends everything; nothing is kept.`.trimStart();
}
