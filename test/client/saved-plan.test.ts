import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPlan, refuseIfChanged, savePlan, type Plan } from '../../client/saved-plan.ts';
import type { PlanRow } from '../../domain/upgrade-plan.ts';
import { input, plan } from './upgrade-view.ts';

const row = (workspaceId: string): PlanRow => ({
  workspaceId,
  computerName: 'WSAMZN-1',
  userName: 'ana',
  directoryId: 'd-9000000001',
  bundleId: input.bundleId,
  state: 'AVAILABLE',
  verdict: 'eligible',
  reason: null,
  action: 'rebuild',
  wave: 0,
  windowRule: null,
});
const made: Plan = { summary: plan, rows: [row('ws-000000001'), row('ws-000000002')] };

describe('a plan in a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-plan-'));
  const path = join(folder, 'plan.json');
  after(() => rmSync(folder, { recursive: true }));
  beforeEach(() => savePlan(path, input, made));

  it('is read as it was saved', () => {
    const { hash, ...saved } = readPlan(path);
    assert.equal(hash, plan.hash);
    assert.deepEqual(saved, { schema: 'holdfast/image-upgrade-plan/2', input, summary: plan, workspaces: made.rows });
  });

  it('is not saved where it cannot be', () => {
    assert.throws(() => savePlan(join(folder, 'none/plan.json'), input, made), { exit: 'usage', message: /ENOENT/ });
  });

  it('is not used with parameters that nobody could have given', () => {
    writeFileSync(path, readFileSync(path, 'utf8').replace('"maxConcurrent": 10', '"maxConcurrent": 5000'));
    assert.throws(() => readPlan(path), {
      exit: 'usage',
      message: /plan\.json cannot be used:\nmaxConcurrent must be .* from 1 to 500, got 5000/,
    });
  });

  it('is not used when an earlier version wrote it, whose hash says less', () => {
    writeFileSync(path, readFileSync(path, 'utf8').replace('image-upgrade-plan/2', 'image-upgrade-plan/1'));
    assert.throws(() => readPlan(path), {
      exit: 'usage',
      message: /is no plan of holdfast\/image-upgrade-plan\/2: make one with `holdfast upgrade plan --save`/,
    });
  });

  it('runs while the fleet comes to the same hash', () => {
    refuseIfChanged(readPlan(path), { ...made, summary: { ...plan, asOf: '2026-03-09T08:00:00Z' } });
  });

  it('does not run when the fleet has changed, and says what is different', () => {
    const summary = { ...plan, hash: '1'.repeat(64) };
    assert.throws(
      () => refuseIfChanged(readPlan(path), { summary, rows: [row('ws-000000001'), row('ws-000000003')] }),
      {
        exit: 'failed',
        message:
          /no longer matches the plan of 2026-03-02T08:00:10Z.*\n {2}ws-000000002 .* is gone.*\n {2}ws-000000003 .* is new/,
      },
    );
  });

  it('does not run with other parameters than those that it was made with', () => {
    const summary = { ...plan, hash: '1'.repeat(64) };
    assert.throws(
      () => refuseIfChanged(readPlan(path), { ...made, summary }),
      /only the parameters: the file was changed/,
    );
  });
});
