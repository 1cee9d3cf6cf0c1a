/** Reads `holdfast.yaml`. All that is wrong with it is told at once, each with its place. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { resolveAccounts, targetsOf } from './accounts.ts';
import type { Config } from './config.ts';
import { withEnvironment, type Environment } from './environment.ts';
import { resolveIntake } from './intake.ts';
import { backupPolicies, custodyPolicies, upgradePolicies } from './policies.ts';
import { isWithin, type Complain, type Path, type Problem } from './problem.ts';
import { resolveRestoreTests } from './restore-tests.ts';
import type { Given } from './schema.ts';
import { typeAt } from './schema-type.ts';
import { schemaProblems } from './schema-problems.ts';
import { withRuns } from './runs-per-day.ts';
import { resolveSchedule } from './schedules.ts';
import { resolveWatchdog } from './watchdog.ts';
import { readSource, type Source } from './source.ts';

export type LoadedConfig =
  | { readonly ok: true; readonly config: Config }
  /** In the order of the file. */
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** @param environment what `${NAME}` is taken from: `process.env`. */
export function loadConfig(file: string, environment: Environment): LoadedConfig {
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
  if (problems.length === 0) return { ok: true, config: withRuns(config) };
  return { ok: false, problems: problems.toSorted((a, b) => a.line - b.line || a.column - b.column) };
}

/** Only what has no problems is whole. */
function configOf(source: Source, environment: Environment, problems: Problem[]): Config {
  const told: Path[] = [];
  // Of one value, or of what is in it or around it, one problem is enough: the others follow from it.
  const complain: Complain = (path, complaint) => {
    if (told.some((each) => isWithin(each, path) || isWithin(path, each))) return;
    problems.push(source.problemAt(path, complaint));
  };
  const data = withEnvironment(source.data, environment, (path, complaint) => {
    problems.push(source.problemAt(path, complaint));
    told.push(path);
  });
  for (const { path, on, ...complaint } of schemaProblems(data, source)) {
    if (told.some((each) => isWithin(path, each))) continue;
    problems.push(source.problemAt(path, complaint, on));
    told.push(path);
  }
  return resolved(without(data, told), complain);
}

/** The data without what has been told to be wrong: what is left is as the schema has it, but for what is missing. */
function without(data: unknown, told: readonly Path[]): Partial<Given> {
  const isWrong = (path: Path): boolean => told.some((each) => each.length === path.length && isWithin(each, path));
  const clean = (value: unknown, path: Path): unknown => {
    // Indices stay what they are, as other problems are told by them, and so does the kind of value.
    if (Array.isArray(value)) {
      return value.map((each, index) =>
        isWrong([...path, index]) ? emptyAt([...path, index]) : clean(each, [...path, index]),
      );
    }
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).filter(([key]) => !isWrong([...path, key]));
    return Object.fromEntries(entries.map(([key, each]) => [key, clean(each, [...path, key])]));
  };
  const cleaned = isWrong([]) ? {} : clean(data, []);
  return typeof cleaned === 'object' && cleaned !== null ? cleaned : {};
}

const emptyAt = (path: Path): object | string => (typeAt(path) instanceof z.ZodObject ? {} : '');

type Named<Value> = Readonly<Record<string, Value>>;

const mapped = <From, To>(named: Named<From>, make: (name: string, from: From) => To): Named<To> =>
  Object.fromEntries(Object.entries(named).map(([name, from]) => [name, make(name, from)]));

function resolved(declares: Partial<Given>, complain: Complain): Config {
  const { policies = {}, schedules = {}, watchdog = {}, intake = {} } = declares;
  const accounts = resolveAccounts(declares.accounts ?? [], complain);
  const targets = targetsOf(accounts);
  const imageBackup = backupPolicies(policies.imageBackup ?? {}, { accounts, complain });
  const imageUpgrade = upgradePolicies(policies.imageUpgrade ?? {}, { accounts, complain });
  const custody = custodyPolicies(policies.custody ?? {}, { accounts, complain });
  const restoreTest = resolveRestoreTests(policies.custody ?? {}, custody, { accounts, complain });
  const declared = {
    imageBackup: mapped(policies.imageBackup ?? {}, (name) => imageBackup[name] ?? null),
    imageUpgrade: mapped(policies.imageUpgrade ?? {}, (name) => imageUpgrade[name] ?? null),
    custody: mapped(policies.custody ?? {}, (name) => (custody[name] ? { target: null } : null)),
    restoreTest: Object.fromEntries(
      Object.entries(policies.custody ?? {}).flatMap(([name, given]) =>
        given.restoreTests ? [[name, restoreTest[name] ? { target: null } : null]] : [],
      ),
    ),
  };
  return {
    name: declares.name ?? null,
    accounts,
    targets,
    imageBackup,
    imageUpgrade,
    custody,
    restoreTest,
    schedules: mapped(schedules, (name, schedule) => resolveSchedule(name, schedule, declared, complain)),
    watchdog: resolveWatchdog(watchdog, targets, complain),
    intake: resolveIntake(intake, accounts, complain),
  };
}
