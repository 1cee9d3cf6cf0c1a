/** Idempotency tokens: a call that is made again with its token is the first one. */
import type { Call } from '../../service.ts';
import { settingsOf } from './settings.ts';

interface Token {
  readonly jobId: string;
  readonly at: number;
}

type Kind = 'backup' | 'copy' | 'restore';

const tokens = ({ world, account, region }: Call, kind: Kind) =>
  world.store.table<Token>(account, region, `backup.${kind}-tokens`);

/** The job that was started with this token; undefined: none that AWS remembers. */
export function jobOfToken(call: Call, kind: Kind, token: string | undefined): string | undefined {
  const known = token === undefined ? undefined : tokens(call, kind).get(token);
  return known && call.now - known.at < settingsOf(call).tokenHours * 3_600_000 ? known.jobId : undefined;
}

export function keepToken(call: Call, kind: Kind, token: string, jobId: string): void {
  tokens(call, kind).set(token, { jobId, at: call.now });
}
