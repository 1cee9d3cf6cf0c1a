/** Obstacles as they are shown: several at once as one, with what each asks for. */
import type { Obstacle } from './custody.ts';

/** The first one leads. Undefined: there are none. */
export function together(obstacles: readonly Obstacle[]): Obstacle | undefined {
  const [first] = obstacles;
  if (!first) return undefined;
  return {
    code: first.code,
    message: distinct(obstacles.map(({ message }) => message)),
    remedy: distinct(obstacles.map(({ remedy }) => remedy)),
    statement:
      distinct(
        obstacles.flatMap(({ statement }) => statement ?? []),
        '\n',
      ) || null,
  };
}

const distinct = (texts: readonly string[], between = '; '): string => [...new Set(texts)].join(between);
