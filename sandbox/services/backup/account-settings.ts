/** Settings of an account's Region (which types are opted in), and of the Organization (copies across accounts). */
import type { Call, Operation, World } from '../../service.ts';
import { invalidRequest, invalidValue, missingValue } from './errors.ts';
import { tellRegionSettings } from './events.ts';
import { managementAccountOf } from '../organizations.ts';
import type { Place } from './rows.ts';
import { KNOWN_TYPES } from './types.ts';

interface RegionSettings {
  readonly optIn: Readonly<Record<string, boolean>>;
  readonly management: Readonly<Record<string, boolean>>;
}

interface GlobalSettings {
  readonly settings: Readonly<Record<string, string>>;
  readonly changedAt: number;
}

const regionTable = ({ world, account, region }: Place) =>
  world.store.table<RegionSettings>(account, region, 'backup.region-settings');
const globalTable = (world: World, managementAccount: string) =>
  world.store.table<GlobalSettings>(managementAccount, '*', 'backup.global-settings');

const NAMES = ['isCrossAccountBackupEnabled', 'isMpaEnabled', 'isDelegatedAdministratorEnabled'];

function regionSettings(place: Place): RegionSettings {
  const optIn = Object.fromEntries(KNOWN_TYPES.map((type) => [type, true]));
  const kept = regionTable(place).get('settings');
  return { optIn: { ...optIn, ...kept?.optIn }, management: { DynamoDB: true, EFS: true, ...kept?.management } };
}

/** Whether AWS Backup takes this type in this account and Region. */
export const isOptedIn = (place: Place, resourceType: string): boolean =>
  regionSettings(place).optIn[resourceType] ?? true;

export const hasAdvancedDynamodb = (place: Place): boolean => regionSettings(place).management['DynamoDB'] ?? false;

interface RegionInput {
  readonly ResourceTypeOptInPreference?: Readonly<Record<string, boolean>>;
  readonly ResourceTypeManagementPreference?: Readonly<Record<string, boolean>>;
}

const describeRegionSettings: Operation = (_input: object, call) => {
  const { optIn, management } = regionSettings(call);
  return { ResourceTypeOptInPreference: optIn, ResourceTypeManagementPreference: management };
};

const updateRegionSettings: Operation = (input: RegionInput, call) => {
  const { ResourceTypeOptInPreference: optIn = {}, ResourceTypeManagementPreference: management = {} } = input;
  const unknown = Object.keys({ ...optIn, ...management }).find((type) => !KNOWN_TYPES.includes(type));
  if (unknown !== undefined) throw invalidValue(`Resource type ${unknown} is not supported`);
  seedRegionSettings(call, optIn, management);
  tellRegionSettings(call, optIn);
  return {};
};

/** Changes the types that are named and no others. */
export function seedRegionSettings(
  place: Place,
  optIn: Readonly<Record<string, boolean>>,
  management: Readonly<Record<string, boolean>> = {},
): void {
  const kept = regionTable(place).get('settings');
  regionTable(place).set('settings', {
    optIn: { ...kept?.optIn, ...optIn },
    management: { ...kept?.management, ...management },
  });
}

function globalSettings(world: World, managementAccount: string): GlobalSettings {
  const none = Object.fromEntries(NAMES.map((name) => [name, 'false']));
  const kept = globalTable(world, managementAccount).get('settings');
  return { settings: { ...none, ...kept?.settings }, changedAt: kept?.changedAt ?? 0 };
}

export function isCrossAccountOn(world: World, account: string): boolean {
  const management = managementAccountOf(world, account);
  return management !== undefined && globalSettings(world, management).settings[NAMES[0] as string] === 'true';
}

const describeGlobalSettings: Operation = (_input: object, call) => {
  const { settings, changedAt } = globalSettings(call.world, managementOf(call));
  return { GlobalSettings: settings, LastUpdateTime: new Date(changedAt) };
};

const updateGlobalSettings: Operation = (
  { GlobalSettings: changes }: { GlobalSettings?: Record<string, string> },
  call,
) => {
  if (managementOf(call) !== call.account) {
    throw invalidRequest('Only the management account of the Organization can update global settings.');
  }
  if (!changes) throw missingValue('GlobalSettings is missing');
  const unknown = Object.entries(changes).find(
    ([name, value]) => !NAMES.includes(name) || !/^(true|false)$/.test(value),
  );
  if (unknown) throw invalidValue(`Global setting ${unknown.join('=')} is not valid`);
  seedGlobalSettings(call.world, call.account, changes);
  return {};
};

export function seedGlobalSettings(world: World, managementAccount: string, changes: Record<string, string>): void {
  const settings = { ...globalSettings(world, managementAccount).settings, ...changes };
  globalTable(world, managementAccount).set('settings', { settings, changedAt: world.clock.now() });
}

function managementOf(call: Call): string {
  const management = managementAccountOf(call.world, call.account);
  if (management !== undefined) return management;
  throw invalidRequest('The account is not a member of an Organization.');
}

export const settingOperations = {
  DescribeRegionSettings: describeRegionSettings,
  UpdateRegionSettings: updateRegionSettings,
  DescribeGlobalSettings: describeGlobalSettings,
  UpdateGlobalSettings: updateGlobalSettings,
};
