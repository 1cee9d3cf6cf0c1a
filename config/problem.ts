/** What is wrong with a configuration, and where. */

/** Names and, in lists, indices from 0. */
export type Path = readonly (string | number)[];

export interface Problem {
  readonly file: string;
  /** Both from 1. */
  readonly line: number;
  readonly column: number;
  /** `accounts[0].id`; empty: the file as a whole. */
  readonly path: string;
  /** What is wrong, the value and what is allowed, to be read after the path. */
  readonly message: string;
  /** As it stands in the file; null: nothing does. */
  readonly value: unknown;
  /** Null: the message says all. */
  readonly allowed: string | null;
}

export interface Complaint {
  readonly message: string;
  readonly allowed?: string | null;
}

/** Notes what is wrong with the value at a path. */
export type Complain = (path: Path, complaint: Complaint) => void;

export const pathText = (path: Path): string =>
  path.map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`)).join('');

export const isWithin = (path: Path, outer: Path): boolean => outer.every((part, index) => path[index] === part);

/** `holdfast.yaml:3:9  accounts[0].id must be …`, for people. */
export const problemText = ({ file, line, column, path, message }: Problem): string =>
  `${file}:${line}:${column}  ${path === '' ? message : `${path}: ${message}`}`;
