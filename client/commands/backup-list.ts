/** `holdfast backup list`: the images that exist, with their WorkSpaces, also those of terminated ones. */
import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { TASK_QUEUE, type Target } from '../../domain/target.ts';
import { backupListQuery, imageBackupListId } from '../../workflows/image-backup.messages.ts';
import { pagesOf } from '../backup-run.ts';
import { listedText } from '../backup-text.ts';
import { CommandError } from '../exit.ts';
import { onInterrupt } from '../interrupt.ts';
import { print, printJson } from '../output.ts';
import { withTemporal } from '../temporal.ts';
import { plural } from '../text.ts';
import { requireWorker } from '../workers.ts';

interface Flags {
  readonly account?: string;
  readonly region?: string;
  readonly workspace?: string;
  readonly json?: boolean;
}

type ListWorkflow = (input: { readonly target: Target }) => Promise<{ readonly images: number }>;

export function addBackupList(backup: Command): void {
  backup
    .command('list')
    .description('list the backup images, also those of WorkSpaces that are terminated')
    .option('--account <id>', 'the AWS account of the images')
    .option('--region <name>', 'their Region')
    .option('--workspace <id>', 'only those of this WorkSpace: ws-…')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', EXAMPLE)
    .action(async (flags: Flags) => {
      const { account, region } = flags;
      if (!account || !region) throw new CommandError('usage', 'give --account and --region of the images');
      await withTemporal(async ({ client }) => {
        const target = { account, region };
        await requireWorker(client, target);
        const handle = await client.workflow.start<ListWorkflow>('imageBackupList', {
          workflowId: `${imageBackupListId(target)}/${randomUUID().slice(0, 8)}`,
          taskQueue: TASK_QUEUE,
          args: [{ target }],
        });
        const forget = onInterrupt(async () => void (await handle.cancel()));
        await handle.result();
        forget();
        const all = await pagesOf((request) => handle.query(backupListQuery, request));
        const images = all.filter(({ workspaceId }) => !flags.workspace || workspaceId === flags.workspace);
        if (flags.json) printJson({ images });
        else
          print(images.length === 0 ? 'No backup image' : `${listedText(images)}\n\n${plural(images.length, 'image')}`);
      });
    });
}

const EXAMPLE = `
Example:
  holdfast backup list --account 111122223333 --region eu-central-1 --workspace ws-0fleet0001`;
