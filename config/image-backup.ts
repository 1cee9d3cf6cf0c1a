/** `policies.imageBackup:` – images of WorkSpaces, and how long they are kept. */
import type { z } from 'zod';
import { BACKUP_DEFAULTS, type ImageBackupInput } from '../domain/image-backup.ts';
import type { Target } from '../domain/target.ts';
import { duration, mapping, number } from './fields.ts';
import {
  connectedUsers,
  flag,
  inUnit,
  maxConcurrent,
  maxResources,
  operatorTopicArn,
  report,
  reportOf,
  selection,
  selectionOf,
  where,
  windowRulesOf,
  windows,
} from './policy-fields.ts';

const kept = (what: string) => number('a whole number').optional().describe(what);
const { retention: KEPT } = BACKUP_DEFAULTS;

const retention = mapping({
  days: number('a whole number of days, or null')
    .nullable()
    .optional()
    .describe(`Images younger than so many days stay; null: none stays by its age. Default: ${KEPT.days}.`),
  keepAtLeast: kept(`The newest so many of each WorkSpace stay. Default: ${KEPT.keepAtLeast}.`),
  keepDaily: kept('The newest image of each of the last so many days that have one stays. Default: 0.'),
  keepWeekly: kept('The same by weeks. Default: 0.'),
  keepMonthly: kept('The same by months. Default: 0.'),
  maxDeletePercent: number('a number of percent')
    .optional()
    .describe(`A run that would delete a larger share deletes none. Default: ${KEPT.maxDeletePercent}.`),
});

export const imageBackup = mapping({
  ...where,
  ...selection,
  startStopped: flag('A WorkSpace that is STOPPED is started, imaged and stopped again. Default: false.'),
  connectedUsers: connectedUsers('A connected user is left alone (skip), waited for, or cut off. Default: skip.'),
  windows,
  maxConcurrent: maxConcurrent(`So many images are made at once. Default: ${BACKUP_DEFAULTS.maxConcurrent}.`),
  maxResources,
  imageTimeout: duration()
    .optional()
    .describe('An image that is not AVAILABLE after so long has failed. Default: 90m.'),
  runTimeout: duration().optional().describe('Nothing new is begun so long after the start. Default: 8h.'),
  retention: retention.optional().describe('Which images stay: those that any part keeps.'),
  imageQuota: number('a whole number of images')
    .optional()
    .describe('Images that the Region may hold. Default: as Service Quotas says.'),
  operatorTopicArn,
  report,
}).describe('Images of golden and administrators’ WorkSpaces: up to 45 minutes SUSPENDED each, and no user data.');

/** The run's input, to be judged by the run's own rules. Without any selection: the old system's tag. */
export function backupInput(
  policy: string,
  given: z.infer<typeof imageBackup>,
  target: Target,
): { readonly [Field in keyof ImageBackupInput]: unknown } {
  const byDefault = BACKUP_DEFAULTS;
  const { key, value } = byDefault.selectionTag;
  const selects = Object.keys(selection).some((part) => part in given);
  return {
    target,
    policy,
    selection: selectionOf(selects ? given : { tags: { [key]: value } }),
    startStopped: given.startStopped ?? byDefault.startStopped,
    connectedUsers: given.connectedUsers ?? byDefault.connectedUsers,
    windows: windowRulesOf(given.windows),
    maxConcurrent: given.maxConcurrent ?? byDefault.maxConcurrent,
    maxResources: given.maxResources ?? byDefault.maxResources,
    imageTimeoutMinutes: inUnit(given.imageTimeout, 'minutes', byDefault.imageTimeoutMinutes),
    runTimeoutMinutes: inUnit(given.runTimeout, 'minutes', byDefault.runTimeoutMinutes),
    retention: { ...byDefault.retention, ...given.retention },
    // As the schedules say, which are read later.
    runsPerDay: byDefault.runsPerDay,
    imageQuota: given.imageQuota ?? byDefault.imageQuota,
    operatorTopicArn: given.operatorTopicArn ?? byDefault.operatorTopicArn,
    report: reportOf(given.report, byDefault.reportPrefix),
  };
}

/** Where the file has what the run calls otherwise. */
export const BACKUP_PLACES: Readonly<Record<string, string>> = {
  'selection.allOf': 'tags',
  'selection.anyOf': 'anyTags',
  'selection.noneOf': 'notTags',
  'selection.workspaceIds': 'workspaceIds',
  'selection.directoryIds': 'directoryIds',
  imageTimeoutMinutes: 'imageTimeout',
  runTimeoutMinutes: 'runTimeout',
};
