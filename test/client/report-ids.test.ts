import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { idsOfReport } from '../../client/report-ids.ts';

describe('the WorkSpaces of an upgrade’s report', () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-report-'));
  after(() => rmSync(folder, { recursive: true }));
  const fileWith = (text: string): string => {
    const path = join(folder, 'report');
    writeFileSync(path, text);
    return path;
  };

  it('are those that it changed, by the new id where it migrated, from CSV', () => {
    const lines = [
      'WorkspaceId,Outcome,Reason,NewWorkspaceId',
      'ws-000000001,rebuilt,,',
      'ws-000000002,skipped,"is on another bundle, ""old"": wsb-1",',
      'ws-000000003,migrated,,ws-000000009',
      'ws-000000004,rebuildFailed,"two\r\nlines",',
    ];
    assert.deepEqual(idsOfReport(fileWith(`\uFEFF${lines.join('\r\n')}\r\n`)), [
      'ws-000000001',
      'ws-000000009',
      'ws-000000004',
    ]);
  });

  it('are the same from JSON', () => {
    const workspaces = [
      { workspaceId: 'ws-000000001', outcome: 'rebuilt' },
      { workspaceId: 'ws-000000002', outcome: null },
      { workspaceId: 'ws-000000003', outcome: 'migrated', newWorkspaceId: 'ws-000000009' },
    ];
    assert.deepEqual(idsOfReport(fileWith(JSON.stringify({ workspaces }))), ['ws-000000001', 'ws-000000009']);
  });

  it('are none in a file that is no such report', () => {
    assert.throws(() => idsOfReport(fileWith('a,b\n1,2\n')), /no columns WorkspaceId and Outcome/);
    assert.throws(() => idsOfReport(fileWith('{')), /no JSON/);
    assert.throws(() => idsOfReport(fileWith('{"workspaces":[]}')), /names no WorkSpace that was rebuilt/);
    assert.throws(() => idsOfReport(join(folder, 'none')), /cannot be read/);
  });
});
