/** From one wave to the next: when all of a wave have ended it is left alone for a while, and then the next one begins. */
import { cohortsOf, show, steerAll, wavesOf, type Run } from './upgrade-run.ts';

/** All of the open wave have ended, and another is to come. */
export function isWaveOver(run: Run): boolean {
  const { state } = run;
  const { openWave, soakEndsAt, halt, aborted } = state;
  if (halt || aborted || soakEndsAt !== null || openWave + 1 >= wavesOf(run)) return false;
  return cohortsOf(run).leftThrough(openWave) === 0;
}

export async function beginSoak(run: Run): Promise<void> {
  const { state, input } = run;
  const wave = state.waveTimes.at(-1);
  if (wave) wave.endedAt = state.now;
  if (input.waves.soakMinutes === 0) return await nextWave(run);
  state.soakEndsAt = new Date(Date.parse(state.now) + input.waves.soakMinutes * 60_000).toISOString();
  show(run);
}

/** Milliseconds; null: nothing soaks, or nothing may begin when it has. */
export function soakLeft({ state }: Run): number | null {
  if (state.soakEndsAt === null || state.halt || state.aborted) return null;
  return Math.max(1, Date.parse(state.soakEndsAt) - Date.parse(state.now));
}

export async function nextWave(run: Run): Promise<void> {
  const { state } = run;
  // What failed or was steered while it waited for its moment comes first.
  if (state.halt || state.aborted) return;
  // Some of this wave began again meanwhile: when they have ended it soaks anew.
  if (cohortsOf(run).leftThrough(state.openWave) > 0) {
    state.soakEndsAt = null;
    return;
  }
  if (state.soakEndsAt !== null && state.soakEndsAt > state.now) state.now = state.soakEndsAt;
  state.soakEndsAt = null;
  state.openWave += 1;
  state.waveTimes.push({ beganAt: state.now, endedAt: null });
  await steerAll(run);
}
