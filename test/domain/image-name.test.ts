/** What backup images are called. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { imageName, imageNames } from '../../domain/image-name.ts';
import { IMAGE_REMEDIES, remediesText } from '../../domain/image-remedies.ts';
import { WorkspaceImageErrorDetailCode } from '@aws-sdk/client-workspaces';

const AT = '2026-03-02T02:00:07.000Z';
const allowed = /^[a-zA-Z0-9_./()\\-]{1,64}$/;

describe('imageName', () => {
  it('is the old system’s where it fits', () => {
    const name = imageName({ workspaceId: 'ws-1', computerName: 'WSAMZN-7Q3H6WG2' }, AT);
    assert.equal(name, 'WSAMZN-7Q3H6WG2-backup-2026-03-02-0200');
  });

  it('is always one that AWS takes, the same each time, and keeps WorkSpaces apart', () => {
    const named = fc.record({ workspaceId: fc.uuid(), computerName: fc.string({ maxLength: 80 }) });
    fc.assert(
      fc.property(fc.uniqueArray(named, { maxLength: 20, selector: ({ workspaceId }) => workspaceId }), (all) => {
        const names = imageNames(all, AT);
        for (const name of names) assert.match(name, allowed);
        assert.deepEqual(imageNames(all, AT), names);
        assert.equal(new Set(names.map((name) => name.toLowerCase())).size, names.length);
      }),
    );
  });

  it('differs from one that another policy made in the same minute', () => {
    const of = { workspaceId: 'ws-1', computerName: 'PC' };
    assert.notEqual(imageName(of, AT, 'ws-1 weekly'), imageName(of, AT));
    assert.match(imageName(of, AT, 'ws-1 weekly'), /^PC-[0-9a-f]{8}-backup-2026-03-02-0200$/);
  });
});

describe('image remedies', () => {
  it('there is one for each of AWS’s codes, and none for others', () => {
    const codes = Object.values(WorkspaceImageErrorDetailCode);
    assert.deepEqual(Object.keys(IMAGE_REMEDIES).toSorted(), codes.toSorted());
    assert.equal(codes.length, 48);
  });

  it('name the code, also one that AWS adds later', () => {
    assert.match(remediesText(['PendingReboot', 'NewCode']), /^PendingReboot: restart .*; NewCode: see what AWS says/);
  });
});
