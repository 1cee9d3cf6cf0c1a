/** `holdfast upgrade status`: how far an upgrade is, or how it ended. */
import type { Command } from 'commander';
import { phaseOf } from '../../domain/upgrade-row.ts';
import { waitsForPerson } from '../attention-text.ts';
import { CommandError } from '../exit.ts';
import { followUpgrade } from '../live.ts';
import { print, printJson, say } from '../output.ts';
import { uiLink, type TemporalPlace } from '../temporal.ts';
import { addChoiceFlags, withUpgrade, type ChoiceFlags } from '../upgrade-choice.ts';
import { hasFailed, runFailed } from '../upgrade-failure.ts';
import { readUpgrade, type UpgradeView } from '../upgrade-run.ts';
import { upgradeText } from '../upgrade-text.ts';

interface Flags extends ChoiceFlags {
  readonly watch?: boolean;
  readonly json?: boolean;
}

export function addUpgradeStatus(upgrade: Command): void {
  addChoiceFlags(upgrade.command('status'))
    .description('show how far an upgrade is, or how it ended')
    .option('--watch', 'a live view, until the upgrade has ended')
    .option('--json', 'one JSON document on stdout, with every WorkSpace')
    .addHelpText('after', EXAMPLE)
    .action(async (flags: Flags) => {
      await withUpgrade(flags, async ({ client, place, workflowId }) => {
        const stream = flags.json ? process.stderr : process.stdout;
        const view = flags.watch
          ? await followUpgrade(client, workflowId, { stream })
          : await readUpgrade(client, workflowId);
        if (flags.json) printJson(documentOf(view, place));
        else if (!flags.watch) show(view, place);
        // Why has been shown.
        if (hasFailed(view.execution)) throw runFailed(workflowId, view.execution, null);
        if (waitsForPerson(view)) throw new CommandError('blocked', 'the upgrade waits for a person: see what for');
      });
    });
}

const EXAMPLE = `
Example:
  holdfast upgrade status --watch

Ends with 0, also when WorkSpaces were not upgraded; with 1 when the run itself failed, was cancelled or terminated; with
4 when it waits for a person: it holds, a WorkSpace is blocked, or its plan is to be approved. --watch goes on then.`;

function show(view: UpgradeView, place: TemporalPlace): void {
  print(upgradeText(view));
  const link = uiLink(place, view.workflowId, view.runId);
  if (link) say(`\n${link}`);
}

function documentOf({ workflowId, runId, execution, status, ...view }: UpgradeView, place: TemporalPlace): object {
  const { input, cohorts: _cohorts, counts: _counts, retrying: _retrying, ...facts } = status;
  return {
    workflowId,
    runId,
    link: uiLink(place, workflowId, runId),
    execution,
    failure: view.failure,
    now: view.now,
    eta: view.eta,
    counts: view.counts,
    retrying: view.retrying,
    ...facts,
    parameters: input,
    workspaces: view.rows.map((row) => ({ phase: phaseOf(row), ...row })),
  };
}
