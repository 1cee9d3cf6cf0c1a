import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseWindow, windowText } from '../../client/window-flag.ts';
import { DAYS, type WindowRule } from '../../domain/windows.ts';

const BERLIN = 'Europe/Berlin';
const NIGHTS = {
  days: ['mon', 'tue', 'wed', 'thu', 'fri'],
  from: '22:00',
  to: '05:00',
  timeZone: BERLIN,
} as const;
const WEEKEND = { days: ['sat', 'sun'], from: '08:00', to: '20:00', timeZone: BERLIN } as const;

describe('--window', () => {
  for (const [text, rule] of [
    ['Mon-Fri 22:00-05:00 Europe/Berlin', { directoryId: null, tag: null, open: [NIGHTS] }],
    [
      'Sat,Sun 08:00-20:00 Europe/Berlin; Mon-Fri 22:00-05:00 Europe/Berlin',
      { directoryId: null, tag: null, open: [WEEKEND, NIGHTS] },
    ],
    [
      'directory d-90670f1ee7: Sat,Sun 08:00-20:00 Europe/Berlin',
      { directoryId: 'd-90670f1ee7', tag: null, open: [WEEKEND] },
    ],
    [
      'tag Env=Prod: Mon-Fri 22:00-05:00 Europe/Berlin',
      { directoryId: null, tag: { key: 'Env', value: 'Prod' }, open: [NIGHTS] },
    ],
    [
      'directory d-90670f1ee7, tag Env=Prod: Sat,Sun 08:00-20:00 Europe/Berlin',
      { directoryId: 'd-90670f1ee7', tag: { key: 'Env', value: 'Prod' }, open: [WEEKEND] },
    ],
    [
      'tag Note=a: b=c: Sat,Sun 08:00-20:00 Europe/Berlin',
      { directoryId: null, tag: { key: 'Note', value: 'a: b=c' }, open: [WEEKEND] },
    ],
  ] as const) {
    it(`reads and writes ${text}`, () => {
      assert.deepEqual(parseWindow(text), rule);
      assert.equal(windowText(rule), text);
    });
  }

  for (const [given, written] of [
    ['fri-mon 00:00-24:00 UTC', 'Mon,Fri-Sun 00:00-24:00 UTC'],
    ['  SUN,mon,Sun   01:00-02:00   UTC ; ', 'Mon,Sun 01:00-02:00 UTC'],
    ['Mon-Sun 00:00-00:00 UTC', 'Mon-Sun 00:00-00:00 UTC'],
    ['Tue-Tue 01:00-02:00 UTC', 'Tue 01:00-02:00 UTC'],
  ] as const) {
    it(`reads ${JSON.stringify(given)} as ${written}`, () => assert.equal(windowText(parseWindow(given)), written));
  }

  for (const [wrong, message] of [
    ['', 'give <days> <from>-<to> <time zone>, such as Mon-Fri 22:00-05:00 Europe/Berlin, got ""'],
    [
      'Mon 22:00-05:00',
      'give <days> <from>-<to> <time zone>, such as Mon-Fri 22:00-05:00 Europe/Berlin, got "Mon 22:00-05:00"',
    ],
    [
      'Mo-Fr 22:00-05:00 UTC',
      'days must be of Mon, Tue, Wed, Thu, Fri, Sat, Sun, such as Sat,Sun or Mon-Fri, got "Mo-Fr"',
    ],
    ['Mon 8:00-20:00 UTC', 'from must be a time from 00:00 to 23:59, got "8:00"'],
    ['Mon 08:00-25:00 UTC', 'to must be a time from 00:00 to 24:00, got "25:00"'],
    [
      'Mon 08:00-20:00 Europe/Berln',
      'timeZone must be IANA\'s name of a time zone, such as Europe/Berlin or UTC, got "Europe/Berln"',
    ],
    [
      'Mon 08:00-20:00 +01:00',
      'timeZone must be IANA\'s name of a time zone, such as Europe/Berlin or UTC, got "+01:00"',
    ],
    ['Mon 08:00-08:01 UTC', 'hours must be at least 2 minutes, as no rebuild begins later, got 08:00-08:01'],
    [
      'Env=Prod: Mon 08:00-20:00 UTC',
      'before the colon give directory <id> or tag <Key>=<value>, such as tag Env=Prod, got "Env=Prod"',
    ],
    [
      'directory office: Mon 08:00-20:00 UTC',
      'directoryId must be d- and 8 to 63 digits or letters from a to f, or null, got "office"',
    ],
  ] as const) {
    it(`is not ${JSON.stringify(wrong)}`, () => assert.throws(() => parseWindow(wrong), { message }));
  }

  it('reads what is written for any rule', () => {
    fc.assert(fc.property(rules, (rule) => assert.deepEqual(parseWindow(windowText(rule)), rule)));
  });
});

/** With the prototype that parsed ones have. */
const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record<T>(model, { noNullPrototype: true });

const two = (number: number): string => String(number).padStart(2, '0');
const time = fc.tuple(fc.nat(23), fc.nat(59)).map(([hour, minute]) => `${two(hour)}:${two(minute)}`);
const minutes = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));

const hours = record({
  days: fc.subarray([...DAYS], { minLength: 1 }),
  from: time,
  to: fc.oneof(time, fc.constant('24:00')),
  timeZone: fc.constantFrom(BERLIN, 'America/Argentina/Buenos_Aires', 'Etc/GMT+3', 'UTC'),
}).filter(({ from, to }) => minutes(to) <= minutes(from) || minutes(to) - minutes(from) >= 2);

const character = fc.constantFrom(...'aZ09 _.:/=+-@,;ü'.split(''));
const rules: fc.Arbitrary<WindowRule> = record({
  directoryId: fc.option(fc.constantFrom('d-90670f1ee7', 'd-0123456789')),
  tag: fc.option(
    record({
      key: fc.string({ unit: character, minLength: 1, maxLength: 12 }).filter((key) => !key.includes('=')),
      value: fc.string({ unit: character, maxLength: 12 }),
    }),
  ),
  open: fc.array(hours, { minLength: 1, maxLength: 3 }),
});
