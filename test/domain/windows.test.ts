import assert from 'node:assert/strict';
import {
  isOpen,
  mayBegin,
  nextChange,
  opensAt,
  windowProblems,
  windowRuleOf,
  type WindowRule,
} from '../../domain/windows.ts';

const MINUTE = 60_000;
const openings = [
  { from: 10 * MINUTE, to: 20 * MINUTE },
  { from: 30 * MINUTE, to: 31 * MINUTE },
  { from: 40 * MINUTE, to: 50 * MINUTE },
];

describe('a window', () => {
  it('is open from its beginning on, and not any more at its end', () => {
    const open = [10, 20, 35, 49].filter((minute) => isOpen(openings, minute * MINUTE));
    assert.deepEqual(open, [10, 49]);
    assert.equal(isOpen(openings, 20 * MINUTE - 1), true);
  });

  it('lets a rebuild begin as long as two minutes are left', () => {
    assert.equal(mayBegin(openings, 10 * MINUTE), true);
    assert.equal(mayBegin(openings, 18 * MINUTE), true);
    assert.equal(mayBegin(openings, 18 * MINUTE + 1), false);
    assert.equal(mayBegin(openings, 30 * MINUTE), false);
    assert.equal(mayBegin([], 0), false);
  });

  it('changes when it opens and when it closes', () => {
    const changes = [0, 10, 20, 30, 31, 40, 50].map((minute) => nextChange(openings, minute * MINUTE) / MINUTE);
    assert.deepEqual(changes, [10, 20, 30, 31, 40, 50, Infinity]);
  });

  it('opens at once when it is open, and otherwise when a rebuild may begin next', () => {
    const opens = [0, 12, 18, 19, 30, 45, 49].map((minute) => opensAt(openings, minute * MINUTE) / MINUTE);
    assert.deepEqual(opens, [10, 12, 18, 40, 40, 45, Infinity]);
  });
});

const open = [{ days: ['sat'], from: '08:00', to: '20:00', timeZone: 'Europe/Berlin' }] as const;
const rule: WindowRule = { directoryId: null, tag: null, open };

describe('the rules of windows', () => {
  it('count from the first, and leave those alone that none is for', () => {
    const rules: readonly WindowRule[] = [
      { ...rule, directoryId: 'd-90670f1ee7', tag: { key: 'Vip', value: 'yes' } },
      { ...rule, directoryId: 'd-90670f1ee7' },
      { ...rule, tag: { key: 'Env', value: 'Prod' } },
    ];
    const of = (directoryId: string, tags: Record<string, string>) => windowRuleOf(rules, { directoryId, tags });
    assert.equal(of('d-90670f1ee7', { Vip: 'yes' }), 0);
    assert.equal(of('d-90670f1ee7', { Env: 'Prod' }), 1);
    assert.equal(of('d-0123456789', { Env: 'Prod', Vip: 'yes' }), 2);
    assert.equal(of('d-0123456789', {}), null);
    assert.equal(windowRuleOf([...rules, rule], { directoryId: 'd-0123456789', tags: {} }), 3);
  });

  it('have no problems when they are right', () => {
    const whole = { ...open[0], from: '00:00', to: '24:00', timeZone: 'UTC' };
    assert.deepEqual(windowProblems([{ ...rule, directoryId: 'd-90670f1ee7', open: [...open, whole] }, rule]), []);
    assert.deepEqual(windowProblems([]), []);
  });

  for (const [name, rules, problems] of [
    ['that are no list', 'always', ['windows must be a list of rules, got "always"']],
    [
      'that are no object',
      [rule, null],
      ['rule 2 of windows: it must be an object with directoryId, tag and open, got null'],
    ],
    [
      'with a wrong subject',
      [{ directoryId: 'office', tag: 'Env=Prod', open }],
      [
        'rule 1 of windows: directoryId must be d- and 8 to 63 digits or letters from a to f, or null, got "office"',
        'rule 1 of windows: tag must have a key and a value, or be null, got "Env=Prod"',
      ],
    ],
    [
      'without hours',
      [{ ...rule, open: [] }],
      ['rule 1 of windows: open must be a list of hours, at least one, got []'],
    ],
    [
      'with an unknown day',
      [{ ...rule, open: [{ ...open[0], days: ['sat', 'Sunday'] }] }],
      [
        'rule 1 of windows: days must be a list of mon, tue, wed, thu, fri, sat, sun, at least one, got ["sat","Sunday"]',
      ],
    ],
    [
      'with a time that no clock shows',
      [
        {
          ...rule,
          open: [
            { ...open[0], from: '24:00' },
            { ...open[0], to: '20:60' },
          ],
        },
      ],
      [
        'rule 1 of windows: from must be a time from 00:00 to 23:59, got "24:00"',
        'rule 1 of windows: to must be a time from 00:00 to 24:00, got "20:60"',
      ],
    ],
    [
      'with an unknown time zone',
      [{ ...rule, open: [{ ...open[0], timeZone: 'Mars/Olympus' }] }],
      [
        'rule 1 of windows: timeZone must be IANA\'s name of a time zone, such as Europe/Berlin or UTC, got "Mars/Olympus"',
      ],
    ],
    [
      'with more hours than one answer holds',
      Array.from({ length: 51 }, () => ({ ...rule, open: [...open, ...open] })),
      ['windows must have at most 100 hours in all rules together, got 102'],
    ],
  ] as const) {
    it(`are refused ${name}`, () => assert.deepEqual(windowProblems(rules), problems));
  }
});
