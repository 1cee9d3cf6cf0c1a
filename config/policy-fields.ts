/** What policies of every capability have: where, which WorkSpaces, when, and where the report goes. */
import type { z } from 'zod';
import { DAY_OF_WEEK, valuesOf } from '../domain/cron-fields.ts';
import type { ReportPlace } from '../domain/image-upgrade.ts';
import type { Selection, Tag } from '../domain/selection.ts';
import { DAYS, type WindowRule } from '../domain/windows.ts';
import { parseDuration } from '../domain/duration.ts';
import { region } from './accounts.ts';
import { environmentText, list, mapping, number, oneOf, tagChoices, tags, text, trueOrFalse } from './fields.ts';

export const where = {
  account: text('the name or id of one of the accounts').describe('The account: its name or id under accounts.'),
  region: region().describe('One of the Regions of that account.'),
};

/** Each part that is given must fit. */
export const selection = {
  tags: tags().optional().describe('WorkSpaces that carry all of these tags.'),
  anyTags: tagChoices().optional().describe('WorkSpaces that carry one of these tags; a key may have several values.'),
  notTags: tagChoices().optional().describe('Not WorkSpaces that carry one of these tags.'),
  workspaceIds: list('a list of WorkSpace ids', text('a WorkSpace id')).optional().describe('These WorkSpaces: ws-…'),
  directoryIds: list('a list of directory ids', text('a directory id'))
    .optional()
    .describe('WorkSpaces of these directories: d-…'),
};

const hours = mapping({
  days: list('a list of days, such as [mon-fri]', text('a day or a range of days, such as mon-fri')).describe(
    'The days on which it opens: mon to sun, ranges such as mon-fri.',
  ),
  from: text('a time such as "22:00"').describe('HH:MM'),
  to: text('a time such as "05:00"').describe(
    'HH:MM; before or at from: on the next day. 24:00 is the end of the day.',
  ),
  timeZone: text('IANA’s name of a time zone, such as Europe/Berlin').describe('IANA’s name: Europe/Berlin.'),
});

export const windows = list(
  'a list of rules',
  mapping({
    directoryId: text('a directory id').optional().describe('For WorkSpaces of this directory.'),
    tag: tags().optional().describe('For WorkSpaces with this tag: one key and its value.'),
    open: list('a list of hours', hours).describe('When it may begin.'),
  }),
)
  .optional()
  .describe('When it may begin; the first rule that fits a WorkSpace counts. Default: at any time.');

export const report = mapping({
  bucket: environmentText('the name of a bucket').describe('An S3 bucket in the same account and Region.'),
  prefix: text('a key prefix').optional().describe('The folder in it.'),
  kmsKeyArn: environmentText('the ARN of a KMS key').optional().describe('Reports are encrypted with this key.'),
}).describe('Where the report goes.');

export const operatorTopicArn = environmentText('the ARN of an SNS topic')
  .optional()
  .describe('This SNS topic is told what needs a person.');

export const maxConcurrent = (what: string) => number('a whole number of WorkSpaces').optional().describe(what);
export const maxResources = number('a whole number of WorkSpaces')
  .optional()
  .describe('A plan that is for more WorkSpaces is refused.');

export const connectedUsers = (description: string) =>
  oneOf(['proceed', 'wait', 'skip']).optional().describe(description);

export const flag = (description: string) => trueOrFalse().optional().describe(description);

type Selecting = { readonly [Part in keyof typeof selection]?: z.infer<(typeof selection)[Part]> };

export const selectionOf = ({
  tags: all = {},
  anyTags = {},
  notTags = {},
  workspaceIds = [],
  directoryIds = [],
}: Selecting): Selection => ({
  allOf: tagsOf(all),
  anyOf: tagsOf(anyTags),
  noneOf: tagsOf(notTags),
  workspaceIds,
  directoryIds,
});

export const tagsOf = (tagged: Readonly<Record<string, string | readonly string[]>>): Tag[] =>
  Object.entries(tagged).flatMap(([key, values]) => [values].flat().map((value) => ({ key, value })));

/** Names of days that are none stay, for the judge of windows. */
export const windowRulesOf = (rules: z.infer<typeof windows> = []): WindowRule[] =>
  rules.map(({ directoryId = null, tag, open }) => ({
    directoryId,
    tag: tag === undefined ? null : (tagsOf(tag)[0] ?? null),
    open: (open ?? []).map((each) => ({ ...each, days: daysOf(each.days ?? []) })),
  }));

function daysOf(texts: readonly string[]): WindowRule['open'][number]['days'] {
  try {
    const chosen = valuesOf(texts.join(','), DAY_OF_WEEK);
    return DAYS.filter((_, index) => chosen.has((index + 1) % 7));
  } catch {
    return texts as WindowRule['open'][number]['days'];
  }
}

export const reportOf = (given: Partial<z.infer<typeof report>> = {}, prefix: string): ReportPlace => ({
  bucket: given.bucket as string,
  prefix: given.prefix ?? prefix,
  kmsKeyArn: given.kmsKeyArn ?? null,
});

const SECONDS = { seconds: 1, minutes: 60, hours: 3_600, days: 86_400 } as const;

/** A duration in the unit that a run's parameter has. */
export const inUnit = <Default>(
  given: string | undefined,
  unit: keyof typeof SECONDS,
  byDefault: Default,
): number | Default => {
  const seconds = typeof given === 'string' ? parseDuration(given) : null;
  return seconds === null ? byDefault : seconds / SECONDS[unit];
};
