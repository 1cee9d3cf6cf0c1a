/** Small pieces of text that several views share. */
import Table from 'cli-table3';

/** `2026-03-02 08:00 UTC` */
export const minute = (iso: string): string => `${iso.slice(0, 16).replace('T', ' ')} UTC`;

/** Rows under a line of names, without frames: it can be read, and cut by column. */
export function table(names: readonly string[], rows: readonly (readonly string[])[]): string {
  const chars = Object.fromEntries(
    ['top', 'bottom', 'left', 'right', 'mid'].flatMap((side) =>
      [side, `${side}-mid`, `${side}-left`, `${side}-right`].map((name) => [name, '']),
    ),
  );
  const drawn = new Table({
    head: [...names],
    chars: { ...chars, middle: '  ' },
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true },
  });
  drawn.push(...rows.map((row) => [...row]));
  return drawn.toString().replace(/[ \t]+$/gm, '');
}

/** A bar of `width` signs, filled in parts one after the other. */
export function bar(
  parts: readonly { readonly count: number; readonly sign: string }[],
  of: number,
  width: number,
): string {
  let drawn = '';
  let seen = 0;
  for (const { count, sign } of parts) {
    seen += count;
    const end = of === 0 ? 0 : Math.round((seen / of) * width);
    drawn += sign.repeat(Math.max(0, end - drawn.length));
  }
  return drawn.padEnd(width, '·');
}

export const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;
