/** Which evidence a command is about: all of a policy, or that of an account, a Region, a vault, a month. */
import { InvalidArgumentError, type Command } from 'commander';
import type { EvidenceScope } from '../domain/evidence-check.ts';
import { CONFIG_FILE } from './config-flag.ts';

export interface EvidenceFlags {
  readonly config: string;
  readonly policy: string;
  readonly account?: string;
  readonly region?: string;
  readonly vault?: string;
  readonly month?: string;
  readonly json?: boolean;
}

export const addEvidenceFlags = (command: Command): Command =>
  command
    .requiredOption('--policy <name>', 'the policy of custody, which says where evidence lies')
    .option('--config <file>', 'the file that declares it', CONFIG_FILE)
    .optionsGroup('Which recovery points; all where nothing is given:')
    .option('--account <id>', 'those of this account')
    .option('--region <name>', 'those in this Region')
    .option('--vault <name>', 'those in this vault')
    .option('--month <YYYY-MM>', 'those that were created in this month', parseMonth)
    .optionsGroup('Options:')
    .option('--json', 'one JSON document on stdout');

/** For commander. */
function parseMonth(value: string): string {
  if (/^\d{4}-(0[1-9]|1[0-2])$/.test(value)) return value;
  throw new InvalidArgumentError('give a year and a month, such as 2026-03');
}

export const evidenceScopeOf = ({ account, region, vault, month }: EvidenceFlags): Omit<EvidenceScope, 'pointArn'> => ({
  account: account ?? null,
  region: region ?? null,
  vault: vault ?? null,
  month: month ?? null,
});
