/** The whole of `holdfast.yaml`. Its JSON Schema, `schema.json`, is made of this by `scripts/make-config-schema.ts`. */
import type { z } from 'zod';
import { account } from './accounts.ts';
import { custody } from './custody.ts';
import { list, mapping, name, named, text } from './fields.ts';
import { imageBackup } from './image-backup.ts';
import { imageUpgrade } from './image-upgrade.ts';
import { intake } from './intake.ts';
import { schedule } from './schedules.ts';
import { watchdog } from './watchdog.ts';

const variable = text('the name of an environment variable', /^[A-Za-z_][A-Za-z0-9_]*$/);

export const schema = mapping({
  name: name()
    .optional()
    .describe(
      'What this file is called, where there are several: apply touches only schedules of files of its name. Default: none.',
    ),
  environment: list('a list of names of environment variables', variable)
    .optional()
    .describe(
      'The environment variables that ${NAME} may stand for: in role ARNs, external ids, buckets, topics, keys.',
    ),
  accounts: list('a list of accounts', account)
    .min(1, { error: 'a list of accounts, at least one' })
    .describe('The AWS accounts and Regions in which Holdfast works.'),
  policies: mapping({
    imageBackup: named('policies', imageBackup).optional().describe('Image backups by name.'),
    imageUpgrade: named('policies', imageUpgrade).optional().describe('Image upgrades by name.'),
    custody: named('policies', custody).optional().describe('Custody of recovery points by name.'),
  })
    .optional()
    .describe('What is done, by capability and name.'),
  schedules: named('schedules', schedule).optional().describe('What is started when, by name.'),
  intake: intake.optional().describe('Where the events of AWS Backup arrive.'),
  watchdog: watchdog.optional().describe('What looks for scheduled runs that did not take place.'),
});

export type Given = z.infer<typeof schema>;
