import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  NO_SELECTION,
  selectionText,
  tagQueries,
  tagsMatch,
  type Selection,
  type Tag,
} from '../../domain/selection.ts';

const tag = (key: string, value: string): Tag => ({ key, value });
const select = (changes: Partial<Selection>): Selection => ({ ...NO_SELECTION, ...changes });

describe('tagsMatch', () => {
  const tags = { Env: 'Prod', Team: 'Blue' };
  const cases: readonly [title: string, selection: Partial<Selection>, expected: boolean][] = [
    ['holds without any tag asked for', {}, true],
    ['holds when all of them are carried', { allOf: [tag('Env', 'Prod'), tag('Team', 'Blue')] }, true],
    ['does not hold when one of all is missing', { allOf: [tag('Env', 'Prod'), tag('Vip', 'yes')] }, false],
    ['does not hold for another value', { allOf: [tag('Env', 'Test')] }, false],
    ['tells capitals apart', { allOf: [tag('env', 'Prod')] }, false],
    ['holds when any is carried', { anyOf: [tag('Team', 'Red'), tag('Team', 'Blue')] }, true],
    ['does not hold when none of any is carried', { anyOf: [tag('Team', 'Red')] }, false],
    ['does not hold when one is carried that must not be', { noneOf: [tag('Vip', 'yes'), tag('Env', 'Prod')] }, false],
    ['holds when a key that must not be is carried with another value', { noneOf: [tag('Env', 'Test')] }, true],
    ['needs every part', { allOf: [tag('Env', 'Prod')], anyOf: [tag('Team', 'Red')] }, false],
  ];
  for (const [title, changes, expected] of cases) {
    it(title, () => assert.equal(tagsMatch(select(changes), tags), expected));
  }
});

describe('tagQueries', () => {
  const values = (count: number): Tag[] => Array.from({ length: count }, (_, n) => tag('Team', `${n}`));

  it('asks for all of the tags at once, whatever else is asked for', () => {
    const selection = select({
      allOf: [tag('Env', 'Prod'), tag('Os', '11')],
      anyOf: values(3),
      noneOf: [tag('Vip', 'yes')],
    });
    assert.deepEqual(tagQueries(selection, [tag('Ring', '0')]), [
      [
        { key: 'Env', values: ['Prod'] },
        { key: 'Os', values: ['11'] },
      ],
    ]);
  });

  it('asks once a key for any of the tags, with at most 20 values each time', () => {
    const queries = tagQueries(select({ anyOf: [...values(21), tag('Env', 'Prod')] }), []);
    assert.deepEqual(
      queries.map((query) => query.map(({ key, values: asked }) => [key, asked.length])),
      [[['Team', 20]], [['Team', 1]], [['Env', 1]]],
    );
  });

  it('asks for nothing when no tag matters', () => assert.deepEqual(tagQueries(NO_SELECTION, []), []));

  it('asks for those that are not to be touched, and for tags that only waves and windows go by', () =>
    assert.deepEqual(tagQueries(select({ noneOf: [tag('Vip', 'yes')] }), [tag('Ring', '0')]), [
      [{ key: 'Vip', values: ['yes'] }],
      [{ key: 'Ring', values: ['0'] }],
    ]));

  it('finds everyone whom the tags select by them, and everyone whom they leave out otherwise', () => {
    const some = fc.array(fc.record({ key: fc.constantFrom('A', 'B', 'C'), value: fc.constantFrom('1', '2') }), {
      maxLength: 3,
    });
    const carried = fc.dictionary(fc.constantFrom('A', 'B', 'C'), fc.constantFrom('1', '2'));
    fc.assert(
      fc.property(some, some, some, carried, (allOf, anyOf, noneOf, tags) => {
        const selection = { allOf, anyOf, noneOf };
        const isFound = tagQueries(selection, []).some((query) =>
          query.every(({ key, values: asked }) => asked.includes(tags[key] ?? 'none')),
        );
        // What is not found is judged as if it had no tag; by positive tags it is then not selected.
        assert.equal(tagsMatch(selection, isFound ? tags : {}), tagsMatch(selection, tags));
      }),
    );
  });
});

describe('selectionText', () => {
  it('says what is selected', () => {
    assert.equal(selectionText(NO_SELECTION), 'all of the bundle');
    const all = {
      allOf: [tag('Env', 'Prod')],
      anyOf: [tag('Team', 'A'), tag('Team', 'B')],
      noneOf: [tag('Vip', 'yes')],
      workspaceIds: ['ws-1', 'ws-2'],
      directoryIds: ['d-1'],
    };
    assert.equal(selectionText(all), 'Env=Prod and (Team=A or Team=B) and not Vip=yes, 2 ids, directories d-1');
  });
});
