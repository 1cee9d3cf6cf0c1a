/** `npm run bench -- <name>`: measures, prints one JSON object a line (a table on a terminal), exits 1 when a goal is missed. */
import Table from 'cli-table3';
import type { Figure } from './figure.ts';

const BENCHES: Readonly<Record<string, () => Promise<{ measure: () => Promise<Figure[]> }>>> = {
  demo: () => import('./demo.ts'),
  'custody-1000': () => import('./custody-1000.ts'),
  'custody-10000': () => import('./custody-10000.ts'),
  'custody-sweep': () => import('./custody-sweep.ts'),
  'backup-500': () => import('./backup-500.ts'),
  'upgrade-200': () => import('./upgrade-200.ts'),
  'upgrade-2000': () => import('./upgrade-2000.ts'),
  'upgrade-10000': () => import('./upgrade-10000.ts'),
  'upgrade-shared': () => import('./upgrade-shared.ts'),
  'upgrade-faults': () => import('./upgrade-faults.ts'),
};

const names = process.argv.slice(2);
const unknown = names.filter((name) => !(name in BENCHES));
if (names.length === 0 || unknown.length > 0) {
  const given = unknown.length > 0 ? `there is no bench ${unknown.join(', ')}` : 'name a bench';
  console.error(`${given}: one or more of ${Object.keys(BENCHES).join(', ')}`);
  process.exit(2);
}

const all: Figure[] = [];
for (const name of names) {
  const bench = await BENCHES[name]?.();
  const figures = (await bench?.measure()) ?? [];
  all.push(...figures);
  if (!process.stdout.isTTY) for (const figure of figures) console.log(JSON.stringify(figure));
}
if (process.stdout.isTTY) {
  const table = new Table({ head: ['bench', 'figure', 'value', 'unit', 'goal', ''] });
  for (const each of all) {
    const verdict = each.goal === null ? '' : each.ok ? 'ok' : 'missed';
    table.push([each.bench, each.figure, each.value, each.unit, each.goal ?? '', verdict]);
  }
  console.log(table.toString());
}
process.exit(all.every((figure) => figure.ok) ? 0 : 1);
