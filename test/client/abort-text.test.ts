import assert from 'node:assert/strict';
import { abortText } from '../../client/commands/upgrade-abort.ts';

const workflowId = 'image-upgrade/111122223333/eu-central-1/wsb-0fleet0001';
const answer = { followed: 1, notRebuilt: 40, rebuilt: 5, migrated: 0, bundleSetTo: 'wsi-0fleet0001' };

describe('the answer to an abort', () => {
  it('says what becomes of everybody, and how to see who was rebuilt', () => {
    const text = abortText(answer, { rebuild: true, workflowId });
    assert.match(text, /^ {2}5 WorkSpaces rebuilt with the new image: rebuilt onto the previous image once/m);
    assert.match(text, /^ {2}those whose rebuild failed or is not confirmed: rebuilt onto it too$/m);
    assert.match(text, /^The bundle is set to wsi-0fleet0001$/m);
    assert.match(text, /holdfast upgrade report --csv --account 111122223333 .* --bundle wsb-0fleet0001$/);
    assert.doesNotMatch(text, /migrated/);
  });

  it('says of those that were migrated that no rollback takes them along', () => {
    const text = abortText({ ...answer, migrated: 2 }, { rebuild: true, workflowId });
    assert.match(text, /^ {2}2 WorkSpaces migrated: they stay on the new image$/m);
  });
});
