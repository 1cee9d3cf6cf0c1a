/** Reads `holdfast.yaml`. All that is wrong with it is told at once, each with its place. */
import { readFileSync } from 'node:fs';
import type { Target } from '../domain/target.ts';
import { parseUpgradeInput } from '../domain/upgrade-input.ts';
import type { ImageBackupInput } from '../domain/image-backup.ts';
import type { ImageUpgradeInput } from '../domain/image-upgrade.ts';
import { resolveAccounts, targetsOf } from './accounts.ts';
import type { Account, Config, ScheduleEntry } from './config.ts';
import { withEnvironment } from './environment.ts';
import { backupInput } from './image-backup.ts';
import { selectionProblem, UPGRADE_PLACES, upgradeInput } from './image-upgrade.ts';
import { judge } from './judge.ts';
import { knownText } from './nearest.ts';
import { isWithin, type Complain, type Path, type Problem } from './problem.ts';
import type { Given } from './schema.ts';
import { schemaProblems } from './schema-problems.ts';
import { resolveSchedule, type Policies } from './schedules.ts';
import { readSource, type Source } from './source.ts';

export type LoadedConfig =
  { readonly ok: true; readonly config: Config } | { readonly ok: false; readonly problems: readonly Problem[] };

/** @param environment for `${NAME}`: `process.env`. */
export function loadConfig(file: string, environment: Readonly<Record<string, string | undefined>>): LoadedConfig {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const message = `cannot be read: ${(error as Error).message}`;
    return { ok: false, problems: [{ file, line: 1, column: 1, path: '', message, value: null, allowed: null }] };
  }
  const source = readSource(file, text);
  if (source.isFatal) return { ok: false, problems: source.problems };
  const problems = [...source.problems];
  const config = configOf(source, environment, problems);
  return problems.length > 0 ? { ok: false, problems: inOrder(problems) } : { ok: true, config };
}

const inOrder = (problems: readonly Problem[]): Problem[] =>
  problems.toSorted((a, b) => a.line - b.line || a.column - b.column);

function configOf(
  source: Source,
  environment: Readonly<Record<string, string | undefined>>,
  problems: Problem[],
): Config {
  const told: Path[] = [];
  // Of one value, or of what is in it or around it, one problem is enough: the others follow from it.
  const complain: Complain = (path, complaint) => {
    if (path.length > 0 && told.some((each) => isWithin(each, path) || isWithin(path, each))) return;
    problems.push(source.problemAt(path, complaint));
  };
  const data = withEnvironment(source.data, environment, (path, complaint) => {
    complain(path, complaint);
    told.push(path);
  });
  for (const { path, on, ...complaint } of schemaProblems(data, source)) {
    if (told.some((each) => isWithin(path, each))) continue;
    problems.push(source.problemAt(path, complaint, on));
    told.push(path);
  }
  return resolve(without(data, told), complain);
}

/** The data without what has been told to be wrong: what is left is as the schema has it, but for what is missing. */
function without(data: unknown, told: readonly Path[]): Partial<Given> {
  const isWrong = (path: Path): boolean => told.some((each) => each.length === path.length && isWithin(each, path));
  const clean = (value: unknown, path: Path): unknown => {
    // Indices stay what they are: other problems are told by them.
    if (Array.isArray(value)) {
      return value.map((each, index) => (isWrong([...path, index]) ? {} : clean(each, [...path, index])));
    }
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).filter(([key]) => !isWrong([...path, key]));
    return Object.fromEntries(entries.map(([key, each]) => [key, clean(each, [...path, key])]));
  };
  const cleaned = isWrong([]) ? {} : clean(data, []);
  return typeof cleaned === 'object' && cleaned !== null ? cleaned : {};
}

function resolve(
  { accounts: declared = [], policies = {}, schedules = {} }: Partial<Given>,
  complain: Complain,
): Config {
  const accounts = resolveAccounts(declared, complain);
  const imageBackup: Record<string, ImageBackupInput> = {};
  const imageUpgrade: Record<string, ImageUpgradeInput> = {};
  const targets: { imageBackup: Record<string, Target>; imageUpgrade: Record<string, Target> } = {
    imageBackup: {},
    imageUpgrade: {},
  };
  for (const [name, given] of Object.entries(policies.imageBackup ?? {})) {
    const target = targetOf(given, accounts, ['policies', 'imageBackup', name], complain);
    targets.imageBackup[name] = target;
    imageBackup[name] = backupInput(name, given, target) as ImageBackupInput;
  }
  for (const [name, given] of Object.entries(policies.imageUpgrade ?? {})) {
    const path = ['policies', 'imageUpgrade', name];
    const target = targetOf(given, accounts, path, complain);
    targets.imageUpgrade[name] = target;
    const selection = selectionProblem(given);
    if (selection !== null) complain(path, { message: selection });
    const input = judge(upgradeInput(given, target), parseUpgradeInput, {
      given,
      path,
      places: UPGRADE_PLACES,
      complain,
    });
    if (input) imageUpgrade[name] = input;
  }
  const entries = Object.entries(schedules).map(([name, given]): [string, ScheduleEntry] => [
    name,
    resolveSchedule(name, given, targets satisfies Policies, complain),
  ]);
  return { accounts, targets: targetsOf(accounts), imageBackup, imageUpgrade, schedules: Object.fromEntries(entries) };
}

/** The account and Region that a policy names; of what is wrong, what it says itself. */
function targetOf(
  { account: named = '', region = '' }: { readonly account?: string; readonly region?: string },
  accounts: readonly Account[],
  path: Path,
  complain: Complain,
): Target {
  const account = accounts.find(({ name, id }) => name === named || id === named);
  if (!account) {
    const known = accounts.map(({ name }) => name);
    complain([...path, 'account'], {
      message: `is none of the accounts: ${JSON.stringify(named)}; ${knownText(named, known)}`,
      allowed: known.join(', '),
    });
  } else if (!account.regions.includes(region)) {
    complain([...path, 'region'], {
      message: `is no Region of account ${account.name}: ${JSON.stringify(region)}; ${knownText(region, account.regions)}`,
      allowed: account.regions.join(', '),
    });
  }
  return { account: account?.id ?? named, region };
}
