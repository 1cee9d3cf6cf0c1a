/** `holdfast upgrade abort`: no new rebuild begins; those under way are followed to their end, and the report is written. */
import type { Command } from 'commander';
import { abortUpdate, type AbortAnswer } from '../../workflows/image-upgrade.messages.ts';
import { CommandError } from '../exit.ts';
import { steer, steeringCommand, type SteeringFlags } from '../steering.ts';
import { plural } from '../text.ts';
import { flagsOf } from '../upgrade-choice.ts';

interface Flags extends SteeringFlags {
  readonly rollback?: boolean;
  readonly rebuild?: boolean;
}

export function addUpgradeAbort(upgrade: Command): void {
  steeringCommand(upgrade, 'abort', 'abort --rollback --reason "the new image has a broken driver"')
    .description('start no new rebuild; follow those under way to their end, and report')
    .optionsGroup('What becomes of the previous image:')
    .option('--rollback', 'set the bundle back to its previous image; without: it stays as it is')
    .option(
      '--rebuild',
      'with --rollback: rebuild onto the previous image what AWS was asked to rebuild, with the same care',
    )
    .action(async (flags: Flags) => {
      const { rollback = false, rebuild = false } = flags;
      if (rebuild && !rollback) {
        throw new CommandError('usage', '--rebuild needs --rollback: what is rebuilt takes the image of the bundle');
      }
      await steer(flags, abortUpdate, { rollback, rebuild }, (answer, workflowId) =>
        abortText(answer, { rebuild, workflowId }),
      );
    });
}

interface Asked {
  readonly rebuild: boolean;
  readonly workflowId: string;
}

export function abortText(answer: AbortAnswer, { rebuild, workflowId }: Asked): string {
  const { followed, notRebuilt, rebuilt, migrated, bundleSetTo } = answer;
  const back = rebuild ? ': rebuilt onto the previous image once those under way have ended' : '';
  return [
    'Aborted: no new rebuild begins',
    `  ${plural(followed, 'WorkSpace')} under rebuild: followed to the end, then the report is written`,
    `  ${plural(notRebuilt, 'WorkSpace')} not rebuilt: they keep their present image`,
    `  ${plural(rebuilt, 'WorkSpace')} rebuilt with the new image${back}`,
    ...(rebuild ? ['  those whose rebuild failed or is not confirmed: rebuilt onto it too'] : []),
    ...(migrated > 0 ? [`  ${plural(migrated, 'WorkSpace')} migrated: they stay on the new image`] : []),
    bundleSetTo === null ? 'The bundle was not touched' : `The bundle is set to ${bundleSetTo}`,
    `See which they are with:  holdfast upgrade report --csv ${flagsOf(workflowId)}`,
  ].join('\n');
}
