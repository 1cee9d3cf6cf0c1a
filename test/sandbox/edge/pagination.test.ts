import assert from 'node:assert/strict';
import { paginate } from '../../../sandbox/pagination.ts';
import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { startSandbox } from '../../../sandbox/sandbox.ts';
import type { Call } from '../../../sandbox/service.ts';
import { AwsError } from '../../../sandbox/service.ts';

const HOUR_MS = 3_600_000;

describe('Pages', () => {
  let sandbox: Sandbox;
  let call: Call;
  beforeEach(async () => {
    sandbox = await startSandbox();
    const { world } = sandbox;
    call = { world, account: '1', region: 'r', accessKeyId: 'k', requestId: 'q', now: 1_000_000, asOf: 1_000_000 };
  });
  afterEach(() => sandbox.close());

  const page = (token?: string, changes: object = {}, by: Call = call) =>
    paginate(
      {
        operation: 'ListThings',
        items: ['a', 'b', 'c', 'd', 'e'],
        idOf: (item: string) => item,
        pageSize: 2,
        token,
        parameters: { Filter: 'x', Limit: undefined },
        invalidToken: () => new AwsError('InvalidNextToken', 'no'),
        ...changes,
      },
      by,
    );
  const firstToken = (): string => page().nextToken ?? assert.fail('there are more pages');
  const refused = { name: 'AwsError', code: 'InvalidNextToken' };

  it('follow each other to the end, and the last has no token', () => {
    const seen: string[] = [];
    let token: string | undefined;
    do {
      const { items, nextToken } = page(token);
      seen.push(...items);
      token = nextToken;
    } while (token !== undefined);
    assert.deepEqual(seen, ['a', 'b', 'c', 'd', 'e']);
  });

  it('end without a token when the last page is full', () => {
    assert.deepEqual(page(undefined, { pageSize: 5 }), { items: ['a', 'b', 'c', 'd', 'e'] });
  });

  it('go on behind the last item when others came before it, or when it is gone', () => {
    assert.deepEqual(page(firstToken(), { items: ['0', 'a', 'b', 'c', 'd', 'e'] }).items, ['c', 'd']);
    assert.deepEqual(page(firstToken(), { items: ['a', 'c', 'd', 'e'] }).items, ['d', 'e']);
  });

  it('refuse a token given for other parameters, another operation, account or Region', () => {
    const token = firstToken();
    assert.throws(() => page(token, { parameters: { Filter: 'y' } }), refused);
    assert.throws(() => page(token, { operation: 'ListOthers' }), refused);
    assert.throws(() => page(token, {}, { ...call, account: '2' }), refused);
    assert.throws(() => page(token, {}, { ...call, region: 's' }), refused);
    assert.deepEqual(page(token, { parameters: { Limit: undefined, Filter: 'x' } }).items, ['c', 'd']);
  });

  it('refuse a token that was never given', () => {
    const changed = Buffer.from(firstToken(), 'base64').toString('utf8').replace(/^./, 'X');
    for (const token of ['', 'nonsense', Buffer.from(changed).toString('base64')]) {
      assert.throws(() => page(token), refused, token);
    }
  });

  it('refuse a token after its virtual lifetime, a day by default', () => {
    const token = firstToken();
    assert.deepEqual(page(token, {}, { ...call, now: call.now + 23 * HOUR_MS }).items, ['c', 'd']);
    assert.throws(() => page(token, {}, { ...call, now: call.now + 24 * HOUR_MS }), refused);
    const brief = page(undefined, { lifetimeMs: HOUR_MS }).nextToken;
    assert.throws(() => page(brief, {}, { ...call, now: call.now + HOUR_MS }), refused);
  });
});
