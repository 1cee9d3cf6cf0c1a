/** Plans in files: what was looked at, and agreed on, is what runs. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ImageUpgradeInput } from '../domain/image-upgrade.ts';
import { planDifference } from '../domain/plan-hash.ts';
import { parseUpgradeInput } from '../domain/upgrade-input.ts';
import type { PlanRow, PlanSummary, SavedPlan } from '../domain/upgrade-plan.ts';
import { CommandError } from './exit.ts';

const SCHEMA: SavedPlan['schema'] = 'holdfast/image-upgrade-plan/2';

/** As a worker made it. */
export interface Plan {
  readonly summary: PlanSummary;
  readonly rows: readonly PlanRow[];
}

/** Before the fleet is read, which takes long: what a look at the place tells. */
export function refuseUnlessWritable(path: string): void {
  const [folder, file] = [statSync(dirname(path), QUIETLY), statSync(path, QUIETLY)];
  if (!folder?.isDirectory()) throw notWritable(path, `there is no folder ${dirname(path)}`);
  if (file?.isDirectory()) throw notWritable(path, 'it is a folder');
}

const QUIETLY = { throwIfNoEntry: false } as const;

const notWritable = (path: string, why: string): CommandError =>
  new CommandError('usage', `--save ${path} cannot be written: ${why}`);

export function savePlan(path: string, input: ImageUpgradeInput, { summary, rows }: Plan): void {
  const saved: SavedPlan = { schema: SCHEMA, hash: summary.hash, input, summary, workspaces: rows };
  try {
    writeFileSync(path, `${JSON.stringify(saved, null, 2)}\n`);
  } catch (error) {
    throw notWritable(path, (error as Error).message);
  }
}

export function readPlan(path: string): SavedPlan {
  const saved = parseJson(path);
  if (saved?.schema !== SCHEMA || !Array.isArray(saved.workspaces) || typeof saved.hash !== 'string') {
    throw new CommandError(
      'usage',
      `--plan ${path} is no plan of ${SCHEMA}: make one with \`holdfast upgrade plan --save\``,
    );
  }
  const parsed = parseUpgradeInput(saved.input);
  if (parsed.ok) return { ...saved, input: parsed.input };
  throw new CommandError('usage', `--plan ${path} cannot be used:\n${parsed.problems.join('\n')}`);
}

function parseJson(path: string): SavedPlan | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as SavedPlan | null;
  } catch (error) {
    throw new CommandError('usage', `--plan ${path} cannot be read: ${(error as Error).message}`);
  }
}

/** @throws failed, with what is different, unless the fleet still comes to the same plan */
export function refuseIfChanged(saved: SavedPlan, { summary, rows }: Plan): void {
  if (summary.hash === saved.hash) return;
  const changes = planDifference(
    { presentImageId: saved.summary.previousImageId, rows: saved.workspaces },
    { presentImageId: summary.previousImageId, rows },
  );
  const why = changes.length > 0 ? changes : ['only the parameters: the file was changed, or is of another version'];
  throw new CommandError(
    'failed',
    `the fleet no longer matches the plan of ${saved.summary.asOf}; nothing was started. What is different:\n` +
      `${why.map((each) => `  ${each}`).join('\n')}\n` +
      'look at it with `holdfast upgrade plan`, and save it anew',
  );
}
