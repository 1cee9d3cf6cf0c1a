import assert from 'node:assert/strict';
import { circleOf, ownCopyTaken } from '../../domain/custody-circles.ts';
import type { CustodyPolicy, LegRule, RuleMatch } from '../../domain/custody.ts';
import { BACKUP_ACCOUNT, legRule, MATCH, policy, rule, SOURCE_ACCOUNT } from '../rig/custody-facts.ts';

const from = (name: string, account: string, region: string, legs: LegRule[], vaults: string[] = []): CustodyPolicy =>
  policy({ name, sources: [{ account, region }], rules: [rule({ legs, match: { ...MATCH, vaults } })] });
const to = (account: string, region: string, changes: Partial<LegRule['destination']> = {}): LegRule =>
  legRule({ destination: { account, region, alternateRegion: null, vault: null, ...changes } });

describe('circleOf', () => {
  const there = from('there', SOURCE_ACCOUNT, 'eu-central-1', [to(BACKUP_ACCOUNT, 'eu-central-1')]);
  const back = from('back', BACKUP_ACCOUNT, 'eu-central-1', [to(SOURCE_ACCOUNT, 'eu-central-1')]);

  it('finds vaults that copy into each other, and says by which rules and what to do', () => {
    const circle = circleOf([there, back]) ?? '';
    assert.match(circle, /^copies would go round in a circle: /);
    assert.match(circle, /\(there, rule all, leg backup\), then .*\(back, rule all, leg backup\)/);
    assert.match(circle, /`match\.vaults`/);
  });

  it('lets a destination be a source where nothing comes back', () => {
    const onwards = from('onwards', BACKUP_ACCOUNT, 'eu-central-1', [to(BACKUP_ACCOUNT, 'eu-west-1')]);
    assert.equal(circleOf([there]), null);
    assert.equal(circleOf([there, onwards]), null);
  });

  it('finds a way round over three vaults', () => {
    const onwards = from('onwards', BACKUP_ACCOUNT, 'eu-central-1', [to(BACKUP_ACCOUNT, 'eu-west-1')]);
    const home = from('home', BACKUP_ACCOUNT, 'eu-west-1', [to(SOURCE_ACCOUNT, 'eu-central-1')]);
    assert.match(circleOf([there, onwards, home]) ?? '', /there.*onwards.*home/);
  });

  it('lets both directions be where each copies into a vault that the other is not for', () => {
    const ours = from(
      'ours',
      SOURCE_ACCOUNT,
      'eu-central-1',
      [to(BACKUP_ACCOUNT, 'eu-central-1', { vault: 'copies' })],
      ['nightly'],
    );
    const theirs = from(
      'theirs',
      BACKUP_ACCOUNT,
      'eu-central-1',
      [to(SOURCE_ACCOUNT, 'eu-central-1', { vault: 'copies' })],
      ['nightly'],
    );
    assert.equal(circleOf([ours, theirs]), null);
    const all = from('all', BACKUP_ACCOUNT, 'eu-central-1', [to(SOURCE_ACCOUNT, 'eu-central-1', { vault: 'nightly' })]);
    assert.match(circleOf([ours, all]) ?? '', /backup-vault:copies/);
  });

  it('finds a vault that is copied into itself', () => {
    assert.match(
      circleOf([from('self', SOURCE_ACCOUNT, 'eu-central-1', [to(SOURCE_ACCOUNT, 'eu-central-1')])]) ?? '',
      /self/,
    );
  });

  it('goes by the alternate Region where the source is in the first one', () => {
    const sources = ['eu-central-1', 'eu-west-1'].map((region) => ({ account: BACKUP_ACCOUNT, region }));
    const swap = to(BACKUP_ACCOUNT, 'eu-west-1', { alternateRegion: 'eu-central-1' });
    assert.notEqual(circleOf([policy({ sources, rules: [rule({ legs: [swap] })] })]), null);
    const apart = to(BACKUP_ACCOUNT, 'eu-west-1', { alternateRegion: 'eu-north-1' });
    assert.equal(circleOf([policy({ sources, rules: [rule({ legs: [apart] })] })]), null);
  });

  it('counts the vault in between of two hops', () => {
    const far = { ...to(BACKUP_ACCOUNT, 'eu-west-1'), route: 'twoHop' } as const;
    const twoHop = from('far', SOURCE_ACCOUNT, 'eu-central-1', [far]);
    assert.notEqual(circleOf([twoHop, back]), null);
    assert.equal(circleOf([{ ...twoHop, rules: [rule({ legs: [{ ...far, route: 'direct' }] })] }, back]), null);
  });
});

describe('ownCopyTaken', () => {
  const there = from('there', SOURCE_ACCOUNT, 'eu-central-1', [to(BACKUP_ACCOUNT, 'eu-central-1')], ['nightly']);
  const onwards = (source: RuleMatch['source'], vaults: string[] = []): CustodyPolicy => {
    const legs = [to(BACKUP_ACCOUNT, 'eu-west-1', { vault: 'far' })];
    const of = from('onwards', BACKUP_ACCOUNT, 'eu-central-1', legs, vaults);
    return { ...of, rules: of.rules.map((each) => ({ ...each, match: { ...each.match, source } })) };
  };

  it('finds a rule that would take what a leg copies, and says which and what to do', () => {
    for (const source of ['copy', 'any'] as const) {
      const told = ownCopyTaken([onwards(source), there]) ?? '';
      assert.match(
        told,
        /^the copies of there, rule all, leg backup go to arn:.*444455556666:backup-vault:nightly, where/,
      );
      assert.match(told, new RegExp(`rule all of onwards would take them \\(source: ${source}\\)`));
      assert.match(told, /source: original, or with `match\.vaults`/);
    }
  });

  it('lets rules be for originals there, and for copies in vaults to which no leg leads', () => {
    assert.equal(ownCopyTaken([there, onwards('original')]), null);
    assert.equal(ownCopyTaken([there, onwards('copy', ['theirs'])]), null);
    assert.equal(ownCopyTaken([onwards('copy')]), null);
    assert.notEqual(ownCopyTaken([there, onwards('copy', ['theirs', 'nightly'])]), null);
  });

  it('finds a rule that would change copies which AWS need not tell from originals: those within one account', () => {
    const within = from('within', SOURCE_ACCOUNT, 'eu-central-1', [to(SOURCE_ACCOUNT, 'eu-west-1')]);
    const next = from('next', SOURCE_ACCOUNT, 'eu-west-1', [to(BACKUP_ACCOUNT, 'eu-west-1')]);
    const told = ownCopyTaken([within, next]) ?? '';
    assert.match(
      told,
      /^the copies of within, rule all, leg backup go to .*, where rule all of next could shorten them:/,
    );
    assert.match(told, /then: keep, or with `match\.vaults`/);
    const kept = { ...next, rules: next.rules.map((each) => ({ ...each, then: { kind: 'keep' } as const })) };
    assert.equal(ownCopyTaken([within, kept]), null);
    const apart = [to(SOURCE_ACCOUNT, 'eu-west-1', { vault: 'copies' })];
    const elsewhere = from('next', SOURCE_ACCOUNT, 'eu-west-1', [to(BACKUP_ACCOUNT, 'eu-west-1')], ['nightly']);
    assert.equal(ownCopyTaken([from('within', SOURCE_ACCOUNT, 'eu-central-1', apart), elsewhere]), null);
    const far = from('far', SOURCE_ACCOUNT, 'eu-central-1', [to(BACKUP_ACCOUNT, 'eu-west-1')]);
    const home = from('home', BACKUP_ACCOUNT, 'eu-west-1', [to(BACKUP_ACCOUNT, 'eu-north-1')]);
    assert.match(
      ownCopyTaken([far, home]) ?? '',
      /^the copies of far, /,
      'the second of two hops is within one account',
    );
  });

  it('counts the vault in between, which a leg that asks for no detour may need as well', () => {
    const far = to(BACKUP_ACCOUNT, 'eu-north-1');
    assert.notEqual(ownCopyTaken([from('far', SOURCE_ACCOUNT, 'eu-central-1', [far]), onwards('any')]), null);
  });
});
