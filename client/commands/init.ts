/** `holdfast init`: registers what Holdfast needs in a Temporal namespace. Repeating it is harmless. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, Connection } from '@temporalio/client';
import type { Command } from 'commander';
import { SEARCH_ATTRIBUTES } from '../../domain/search-attributes.ts';
import { grpcOf } from '../errors.ts';
import { CommandError } from '../exit.ts';
import { print, printJson, progress } from '../output.ts';
import { withTemporal } from '../temporal.ts';
import { plural } from '../text.ts';

/** Temporal's number of the type Keyword. */
const KEYWORD = 2;
const USABLE_WITHIN = 60_000;

export function addInit(program: Command): void {
  program
    .command('init')
    .description('register Holdfast’s search attributes in the Temporal namespace')
    .option('--json', 'one JSON document on stdout')
    .addHelpText(
      'after',
      '\nExample:\n  TEMPORAL_ADDRESS=temporal.example.com:7233 TEMPORAL_NAMESPACE=ops holdfast init',
    )
    .action(async ({ json }: { json?: boolean }) => {
      await withTemporal(async ({ client, place }) => {
        const registered = await register(client);
        await untilUsable(client);
        if (json) printJson({ namespace: place.namespace, registered });
        else if (registered.length === 0) print(`Namespace ${place.namespace} has all search attributes already`);
        else
          print(
            `Registered ${plural(registered.length, 'search attribute')} in namespace ${place.namespace}: ${registered.join(', ')}`,
          );
      });
    });
}

const INVALID_ARGUMENT = 3;
const ALREADY_EXISTS = 6;
const UNIMPLEMENTED = 12;
const PERMISSION_DENIED = 7;

async function register(client: Client): Promise<string[]> {
  const { namespace } = client.options;
  const operator = (client.connection as Connection).operatorService;
  const { customAttributes } = await operator.listSearchAttributes({ namespace });
  const wrong = SEARCH_ATTRIBUTES.filter((name) => (customAttributes?.[name] ?? KEYWORD) !== KEYWORD);
  if (wrong.length > 0) {
    throw new CommandError(
      'usage',
      `${wrong.join(', ')} exist in ${namespace} with another type than Keyword: remove them there first`,
    );
  }
  const missing = SEARCH_ATTRIBUTES.filter((name) => customAttributes?.[name] === undefined);
  if (missing.length === 0) return [];
  try {
    const searchAttributes = Object.fromEntries(missing.map((name) => [name, KEYWORD]));
    await operator.addSearchAttributes({ namespace, searchAttributes });
  } catch (error) {
    const code = grpcOf(error)?.code;
    // Somebody else registered them at the same moment.
    if (code === ALREADY_EXISTS) return [];
    if (code !== UNIMPLEMENTED && code !== PERMISSION_DENIED) throw error;
    throw new CommandError(
      'failed',
      `this server does not let clients register search attributes (Temporal Cloud does not): create ${missing.join(', ')} ` +
        `of type Keyword in namespace ${namespace}, in its web console or with tcld, then run this again`,
      { cause: error },
    );
  }
  return missing;
}

/** Registered is not usable: each part of the server learns of them in its own time. */
async function untilUsable(client: Client): Promise<void> {
  const query = SEARCH_ATTRIBUTES.map((name) => `${name} = "none"`).join(' OR ');
  const end = performance.now() + USABLE_WITHIN;
  for (;;) {
    try {
      await client.workflow.count(query);
      return;
    } catch (error) {
      if (grpcOf(error)?.code !== INVALID_ARGUMENT || performance.now() > end) throw error;
      progress('Waiting until the search attributes can be used');
      await sleep(1_000);
    }
  }
}
