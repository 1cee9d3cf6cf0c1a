/** A sign of life for activities of many calls. */
import { heartbeat } from '@temporalio/activity';

const EVERY = 3_000;

/** Heartbeats while the work lasts, so that a worker that died is missed long before the work's own timeout. */
export async function alive<T>(work: () => Promise<T>): Promise<T> {
  const timer = setInterval(() => heartbeat(), EVERY);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
