/** `holdfast custody resume`: what is blocked is tried again now; or the rule of today holds from here on. */
import type { Client } from '@temporalio/client';
import type { Command } from 'commander';
import { custodyId } from '../../domain/custody.ts';
import { coverageOf } from '../../domain/custody-rules.ts';
import { adoptRuleUpdate, resumeCustodyUpdate } from '../../workflows/custody.messages.ts';
import { CONFIG_FILE } from '../config-flag.ts';
import {
  custodyArns,
  custodyNotFound,
  forEach,
  pointArnOf,
  readCustody,
  type CustodyFilter,
} from '../custody-choice.ts';
import { custodyPolicyOf } from '../custody-policy.ts';
import { CommandError, type Exit } from '../exit.ts';
import { print, printJson } from '../output.ts';
import { person, sayTo } from '../say-to-run.ts';
import { withTemporal } from '../temporal.ts';
import { plural } from '../text.ts';
import { requireWorker } from '../workers.ts';
import { addFilterFlags } from './custody-list.ts';

interface Flags extends CustodyFilter {
  readonly all?: boolean;
  readonly leg?: string;
  readonly applyRule?: boolean;
  readonly config: string;
  readonly policy?: string;
  readonly reason?: string;
  readonly json?: boolean;
}

interface Answer {
  readonly pointArn: string;
  readonly answer: string;
  /** How a command for it alone would end; null: it did what it was told. */
  readonly refused: Exit | null;
}

export function addCustodyResume(custody: Command): void {
  addFilterFlags(custody.command('resume [recovery-point-arn]'))
    .description('try again at once what is blocked, of one recovery point or of all that the filters leave')
    .option('--all', 'all custodies that the filters leave')
    .option('--leg <name>', 'only this leg')
    .option('--apply-rule', 'the rule as it is in the policy now holds from here on, for what has not begun')
    .option('--config <file>', 'with --apply-rule: the file of the policy', CONFIG_FILE)
    .option('--policy <name>', 'with --apply-rule: the policy of custody')
    .option('--reason <text>', 'why; it is kept in the evidence')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', EXAMPLE)
    .action(async (arn: string | undefined, flags: Flags) => {
      check(arn, flags);
      await withTemporal(async ({ client }) => {
        await requireWorker(client);
        const pointArns = arn === undefined ? await chosen(client, flags) : [pointArnOf(arn)];
        const say = flags.applyRule ? await adopting(client, flags) : resuming(client, flags);
        const answers = await forEach(pointArns, async (pointArn) => await answered(pointArn, say));
        if (flags.json) printJson({ custodies: answers });
        else if (arn === undefined || answers[0]?.refused === null) print(answersText(answers));
        throwIfRefused(answers);
      });
    });
}

const EXAMPLE = `
Example:
  holdfast custody resume arn:aws:ec2:eu-central-1::snapshot/snap-0123456789abcdef0 --leg backup-eu-west-1
  holdfast custody resume --all --health blocked
  holdfast custody resume --all --account 111122223333 --apply-rule --policy nightly

Ends with 0; with 1 when a custody refuses it, with 3 when some of several do: nothing was changed there then.`;

const answersText = (answers: readonly Answer[]): string =>
  answers.map(({ pointArn, answer }) => `${pointArn}\n  ${answer}`).join('\n') || 'No such custody';

/** Either one or many: nobody resumes all by having left something out. */
function check(arn: string | undefined, { all, applyRule, policy }: Flags): void {
  if ((arn === undefined) !== (all === true)) {
    throw new CommandError('usage', 'give the ARN of a recovery point, or --all with filters such as --health blocked');
  }
  if (applyRule && policy === undefined) throw new CommandError('usage', '--apply-rule needs --policy: give its name');
}

/** What can be resumed is blocked, unless the filters say otherwise or a rule is applied. */
async function chosen(client: Client, flags: Flags): Promise<string[]> {
  const filter = flags.applyRule || flags.health ? flags : { ...flags, health: 'blocked' as const };
  return await custodyArns(client, { ...filter, ended: false });
}

type Say = (pointArn: string) => Promise<string>;

function resuming(client: Client, { leg, reason }: Flags): Say {
  return async (pointArn) => {
    const request = { leg: leg ?? null, by: person(), reason: reason ?? null };
    const about = { workflowId: custodyId(pointArn), update: resumeCustodyUpdate, request, unknown: custodyNotFound };
    return (await sayTo(client, about)).answer;
  };
}

/** The rule is chosen here, by what the custody knows of its point: it is that rule which the custody takes. */
async function adopting(client: Client, { config, policy: name = '', reason }: Flags): Promise<Say> {
  const policy = await custodyPolicyOf(config, name);
  return async (pointArn) => {
    const { status } = await readCustody(client, pointArn);
    if (!status.point)
      throw new CommandError('failed', 'it has not read its recovery point yet: try again in a minute');
    const coverage = coverageOf(policy, status.point, status.tags);
    if (coverage.kind !== 'covered')
      throw new CommandError('failed', `no rule of ${name} is for it: ${coverage.reason}`);
    const request = { rule: coverage.rule, by: person(), reason: reason ?? null };
    const about = { workflowId: custodyId(pointArn), update: adoptRuleUpdate, request, unknown: custodyNotFound };
    return (await sayTo(client, about)).answer;
  };
}

async function answered(pointArn: string, say: Say): Promise<Answer> {
  try {
    return { pointArn, answer: await say(pointArn), refused: null };
  } catch (error) {
    if (!(error instanceof CommandError) || error.exit === 'unreachable') throw error;
    return { pointArn, answer: error.message, refused: error.exit };
  }
}

function throwIfRefused(answers: readonly Answer[]): void {
  const refused = answers.filter((each) => each.refused !== null);
  const [first] = refused;
  if (!first) return;
  if (answers.length === 1) throw new CommandError(first.refused ?? 'failed', first.answer);
  throw new CommandError(
    'partlyFailed',
    `${plural(refused.length, 'custody', 'custodies')} of ${answers.length} refused it`,
  );
}
