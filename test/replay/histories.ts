/**
 * The recorded histories: protobuf in base64, in a JSON document a file. Temporal's own JSON of a history cannot be
 * written where npm installs two copies of its protobuf library.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import proto from '@temporalio/proto';

const { History } = proto.temporal.api.history.v1;

export interface RecordedHistory {
  readonly workflowId: string;
  readonly history: ReturnType<typeof History.decode>;
}

const folder = join(import.meta.dirname, 'histories');

export const recordedHistories = (): string[] => readdirSync(folder).filter((name) => name.endsWith('.json'));

export function readHistory(name: string): RecordedHistory {
  const { workflowId, history } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Record<string, string>;
  return { workflowId: workflowId ?? '', history: History.decode(Buffer.from(history ?? '', 'base64')) };
}

type AnyHistory = Parameters<typeof History.encode>[0];

export function writeHistory(name: string, workflowId: string, history: AnyHistory): void {
  const encoded = Buffer.from(History.encode(history).finish()).toString('base64');
  const document = { workflowId, events: history.events?.length ?? 0, history: encoded };
  writeFileSync(join(folder, name), `${JSON.stringify(document)}\n`);
}
