import assert from 'node:assert/strict';
import { DEFAULTS } from '../../domain/image-upgrade.ts';
import { warningText } from '../../domain/warning-text.ts';

describe('a warning', () => {
  it('says the time until the rebuild, in minutes or, when short, in seconds', () => {
    assert.match(warningText(DEFAULTS.warnings, 1800), /rebuilt in 30 minutes/);
    assert.match(warningText(DEFAULTS.warnings, 90), /rebuilt in 90 seconds/);
  });
  it('says why and whom to ask, as often as its text does', () => {
    const wanted = { text: '{reason}! In {time}: {reason}. Ask {contact}.', reason: 'New image', contact: 'x 4711' };
    assert.equal(warningText(wanted, 300), 'New image! In 5 minutes: New image. Ask x 4711.');
  });
  it('takes what stands in the reason as it is', () =>
    assert.equal(warningText({ text: '{reason}', reason: '{time} $&', contact: '' }, 300), '{time} $&'));
});
