/** What AWS does not document about Run Command on hybrid nodes. */
import type { Place } from '../workspaces/rows.ts';

export interface SsmSettings {
  /** `undeliverable`: the call is accepted for an agent that is not Online, and the invocation ends Undeliverable. */
  readonly offline: 'refused' | 'undeliverable';
  /** For so long a new command and its invocations are not found. */
  readonly unseenSeconds: readonly [number, number];
  readonly pendingSeconds: readonly [number, number];
  readonly runSeconds: readonly [number, number];
  /** Whether a WorkSpace's agent is still registered after its root volume was replaced. */
  readonly agentsSurviveRebuilds: boolean;
}

const DEFAULTS: SsmSettings = {
  offline: 'refused',
  unseenSeconds: [1, 3],
  pendingSeconds: [1, 3],
  runSeconds: [1, 6],
  agentsSurviveRebuilds: false,
};

const table = (place: Place) =>
  place.world.store.table<Partial<SsmSettings>>(place.account, place.region, 'ssm.settings');

export function ssmSettingsOf(place: Place): SsmSettings {
  return { ...DEFAULTS, ...table(place).get('settings') };
}

/** Changes some settings from now on. */
export function changeSsmSettings(place: Place, changes: Partial<SsmSettings>): void {
  table(place).set('settings', { ...table(place).get('settings'), ...changes });
}
