/** `holdfast custody list`: the custodies there are, and how they stand. */
import type { Client } from '@temporalio/client';
import { Option, type Command } from 'commander';
import { custodyQuery, HEALTHS, listCustodies, type CustodyFilter } from '../custody-choice.ts';
import { custodiesText } from '../custody-text.ts';
import { formatDuration } from '../duration.ts';
import { wholeNumber } from '../number-flag.ts';
import { print, printJson } from '../output.ts';
import { withTemporal } from '../temporal.ts';
import { minute, plural } from '../text.ts';
import { readVaultProofs, type VaultProof } from '../vault-proofs.ts';
import { requireWorker } from '../workers.ts';

interface Flags extends CustodyFilter {
  readonly vault?: string;
  readonly limit: number;
  readonly json?: boolean;
}

export function addCustodyList(custody: Command): void {
  addFilterFlags(custody.command('list'))
    .description('list the custodies of recovery points, the newest first')
    .option('--vault <name>', 'only those of this vault')
    .option('--ended', 'those that have ended, too, as far as Temporal remembers them')
    .option('--limit <n>', 'at most so many', wholeNumber(1, 10_000), 50)
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', EXAMPLE)
    .action(async (flags: Flags) => {
      await withTemporal(async ({ client }) => {
        await requireWorker(client);
        const [custodies, counts, { vaults, troubles }] = await Promise.all([
          listCustodies(client, flags, flags),
          countByHealth(client, flags),
          readVaultProofs(client),
        ]);
        if (flags.json) printJson({ custodies, counts, vaults, troubles });
        else
          print(
            [
              ...(custodies.length === 0 ? [] : [custodiesText(custodies), '']),
              countsText(counts),
              ...vaults.map(proofText),
              ...troubles,
            ].join('\n'),
          );
      });
    });
}

export const addFilterFlags = (command: Command): Command =>
  command
    .addOption(new Option('--health <health>', 'only those of this health').choices(HEALTHS))
    .option('--account <id>', 'only those of recovery points in this account')
    .option('--region <name>', 'only those in this Region')
    .option('--resource <arn>', 'only those of recovery points of this resource');

type Counts = Readonly<Record<(typeof HEALTHS)[number], number>>;

async function countByHealth(client: Client, filter: CustodyFilter): Promise<Counts> {
  const counts = await Promise.all(
    HEALTHS.map(async (health) => {
      const wanted = filter.health === undefined || filter.health === health;
      const query = custodyQuery({ ...filter, health, ended: false });
      return [health, wanted ? (await client.workflow.count(query)).count : 0] as const;
    }),
  );
  return Object.fromEntries(counts) as Counts;
}

const countsText = (counts: Counts): string => {
  const all = Object.values(counts).reduce((sum, each) => sum + each, 0);
  return `${plural(all, 'custody', 'custodies')} under way: ${HEALTHS.map((health) => `${counts[health]} ${health}`).join(', ')}`;
};

const DAY_MS = 86_400_000;

function proofText({ vault, lastFullAt, restores, asOf }: VaultProof): string {
  const ago = (at: string): string => {
    if (asOf === null) return minute(at);
    const days = Math.ceil((Date.parse(asOf) - Date.parse(at)) / DAY_MS);
    return `${minute(at)}, within ${plural(Math.max(1, days), 'day')}`;
  };
  const tested = restores.map(({ resourceType, last, lastVerified }) => {
    if (last.outcome === 'verified') return `${resourceType} restore verified ${ago(last.verifiedAt)}${took(last)}`;
    const before = lastVerified ? `verified ${ago(lastVerified.verifiedAt)}${took(lastVerified)}` : 'never verified';
    return `${resourceType} restore FAILED ${ago(last.verifiedAt)} (${last.reason}), ${before}`;
  });
  return [
    `vault ${vault}: ${lastFullAt === null ? 'never listed in full' : `listed in full ${ago(lastFullAt)}`}`,
    ...(tested.length === 0 ? ['no restore test known'] : tested),
  ].join('; ');
}

const took = ({ secondsToRestore }: { readonly secondsToRestore: number | null }): string =>
  secondsToRestore === null ? '' : `, in ${formatDuration(secondsToRestore)}`;

const EXAMPLE = `
Example:
  holdfast custody list --health blocked
  holdfast custody list --account 111122223333 --region eu-central-1 --vault nightly --ended`;
