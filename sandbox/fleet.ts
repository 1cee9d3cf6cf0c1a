/** Fleets to try things on: the same seed and spec give the same WorkSpaces, users, agents and timings. */
import { baseDraft } from './fleet-draft.ts';
import type { Draft } from './fleet-draft.ts';
import { KINDS } from './fleet-kinds.ts';
import type { Kind } from './fleet-kinds.ts';
import type { World } from './service.ts';
import { seedStack } from './services/cloudformation.ts';
import { seedKey } from './services/kms.ts';
import { seedBucket } from './services/s3.ts';
import { seedTopic } from './services/sns.ts';
import { instances } from './services/ssm/instances.ts';
import { bundles, desktops, directories, images } from './services/workspaces/rows.ts';
import type { Place } from './services/workspaces/rows.ts';
import { setTags } from './services/workspaces/tags.ts';

const DAY_MS = 24 * 3_600_000;

export interface FleetSpec {
  readonly account: string;
  readonly region: string;
  readonly directories: readonly {
    readonly directoryId: string;
    readonly name: string;
    readonly usersMayRebuild: boolean;
  }[];
  /** The fleet's bundle, and the image that it carries at first. */
  readonly bundle: { readonly bundleId: string; readonly name: string; readonly imageId: string };
  readonly otherBundle: { readonly bundleId: string; readonly name: string; readonly imageId: string };
  readonly newImageId: string;
  /** Older golden images that no bundle carries. @default 0 */
  readonly spareImages?: number;
  readonly operatingSystem: 'WINDOWS' | 'LINUX';
  /** How many WorkSpaces are on the bundle and carry the tag. */
  readonly count: number;
  readonly tag: { readonly key: string; readonly value: string };
  /** The first snapshots from the beginning on come spread over so many hours, each so much off its time at most. */
  readonly snapshots: { readonly spreadHours: number; readonly jitterSeconds: number };
  readonly rebuildMinutes: readonly [number, number];
  /** Which of the `count` are special: how many (others than those that are special already), or their indexes. */
  readonly special: Readonly<Partial<Record<Kind, number | readonly number[]>>>;
  /** WorkSpaces beside the `count`: with the tag on the other bundle, and without the tag on the bundle. */
  readonly outside: { readonly otherBundle: number; readonly untagged: number };
  /** Those without the tag carry this one; absent: none. */
  readonly otherTag?: { readonly key: string; readonly value: string };
  readonly reportBucket: string;
  readonly reportKeyId: string;
  readonly stackName: string;
  /** An SNS topic that somebody reads. */
  readonly topicName: string;
}

export interface Member {
  readonly workspaceId: string;
  readonly kinds: readonly Kind[];
  /** Its registrations with Systems Manager, the newest first. */
  readonly instanceIds: readonly string[];
}

export interface Fleet {
  readonly place: Place;
  readonly spec: FleetSpec;
  /** Virtual milliseconds: everything is relative to it. */
  readonly start: number;
  /** By index: on the bundle and with the tag. */
  readonly members: readonly Member[];
  readonly onOtherBundle: readonly Member[];
  readonly untagged: readonly Member[];
  readonly reportKeyArn: string;
  /** Those of kind `encrypted` use the first, those of kind `keyDisabled` the second. */
  readonly volumeKeyArns: readonly [string, string];
}

/** Puts the whole fleet into the world, as it stands at the world's present. */
export function seedFleet(world: World, spec: FleetSpec): Fleet {
  const { account, region } = spec;
  const place: Place = { world, account, region };
  const start = Math.floor(world.clock.now() / 1000) * 1000;
  seedSurroundings(place, spec, start);
  const volumeKeyArns = [
    seedKey(world, { account, region, keyId: 'aaaa1111-2222-4333-8444-555566667777' }).arn,
    seedKey(world, { account, region, keyId: 'dddd1111-2222-4333-8444-555566667777', state: 'Disabled' }).arn,
  ] as const;
  const kinds = chooseKinds(world, spec);
  const phases = spreadPhases(world, spec);
  const make = (group: Group, index: number, own: readonly Kind[] = []): Member => {
    const draft = baseDraft({ place, spec, start, ...group, index, phase: phases(group.offset + index) });
    for (const kind of own) KINDS[kind](draft, { start, volumeKeyArns });
    return keep(place, spec, draft, group.tagged, own);
  };
  const members = Array.from({ length: spec.count }, (_, index) => make(GROUPS.fleet, index, kinds[index]));
  const others = { ...GROUPS.other, offset: spec.count };
  const untaggedGroup = { ...GROUPS.untagged, offset: spec.count + spec.outside.otherBundle };
  return {
    place,
    spec,
    start,
    members,
    onOtherBundle: Array.from({ length: spec.outside.otherBundle }, (_, index) => make(others, index)),
    untagged: Array.from({ length: spec.outside.untagged }, (_, index) => make(untaggedGroup, index)),
    reportKeyArn: `arn:aws:kms:${region}:${account}:key/${spec.reportKeyId}`,
    volumeKeyArns,
  };
}

interface Group {
  /** What the ids begin with. */
  readonly name: string;
  readonly onBundle: boolean;
  readonly tagged: boolean;
  readonly offset: number;
}
const GROUPS = {
  fleet: { name: '0fleet', onBundle: true, tagged: true, offset: 0 },
  other: { name: '0other', onBundle: false, tagged: true, offset: 0 },
  untagged: { name: '0plain', onBundle: true, tagged: false, offset: 0 },
} as const;

/** What each index is; those asked for by number are drawn among the ones that are nothing special yet. */
function chooseKinds(world: World, spec: FleetSpec): Kind[][] {
  const chosen: Kind[][] = Array.from({ length: spec.count }, () => []);
  const asked = Object.entries(spec.special) as [Kind, number | readonly number[]][];
  for (const [kind, which] of asked) {
    if (typeof which !== 'number') for (const index of which) chosen[index]?.push(kind);
  }
  for (const [kind, which] of asked) {
    if (typeof which !== 'number') continue;
    const random = world.random(`fleet/kinds/${kind}`);
    const free = chosen.filter((kinds) => kinds.length === 0);
    if (free.length < which) throw new Error(`the fleet has ${spec.count} WorkSpaces: too few for all that is special`);
    for (let left = which; left > 0; left -= 1) {
      const picked = random.pick(free);
      picked.push(kind);
      free.splice(free.indexOf(picked), 1);
    }
  }
  return chosen;
}

/** When each one's first snapshot from the start on is due: evenly spread, in random order and at random within. */
function spreadPhases(world: World, spec: FleetSpec): (index: number) => number {
  const all = spec.count + spec.outside.otherBundle + spec.outside.untagged;
  const random = world.random('fleet/phases');
  const order = Array.from({ length: all }, (_, slot) => ({ slot, key: random.next() })).toSorted(
    (a, b) => a.key - b.key,
  );
  const width = (spec.snapshots.spreadHours * 3_600_000) / all;
  const phases = order.map(({ slot }) => (slot + random.next()) * width);
  return (index) => phases[index] ?? 0;
}

function seedSurroundings(place: Place, spec: FleetSpec, start: number): void {
  const { world, account, region } = place;
  const createdAt = start - 400 * DAY_MS;
  const subnetIds = ['subnet-0aaaa1111bbbb2222', 'subnet-0cccc3333dddd4444'];
  for (const directory of spec.directories) {
    const alias = directory.name.split('.')[0] ?? directory.name;
    directories(place).set(directory.directoryId, { ...directory, alias, subnetIds, createdAt, state: 'REGISTERED' });
  }
  const { operatingSystem } = spec;
  const spare = Array.from(
    { length: spec.spareImages ?? 0 },
    (_, index) => `wsi-0spare${String(index + 1).padStart(4, '0')}`,
  );
  const imageIds = [...new Set([spec.bundle.imageId, spec.otherBundle.imageId, spec.newImageId, ...spare])];
  for (const imageId of imageIds) {
    images(place).set(imageId, {
      imageId,
      name: `golden-${imageId.slice(4)}`,
      description: 'Golden image',
      operatingSystem,
      state: 'AVAILABLE',
      owner: account,
      createdAt: imageId === spec.newImageId ? start - DAY_MS : createdAt,
      rootVolumeGib: 80,
    });
  }
  for (const { bundleId, name, imageId } of [spec.bundle, spec.otherBundle]) {
    bundles(place).set(bundleId, {
      bundleId,
      name,
      description: name,
      owner: account,
      state: 'AVAILABLE',
      computeType: 'STANDARD',
      rootVolumeGib: 80,
      userVolumeGib: 50,
      createdAt,
      images: [{ at: createdAt, imageId }],
    });
  }
  seedKey(world, { account, region, keyId: spec.reportKeyId, aliases: ['alias/holdfast-reports'] });
  seedStack(world, { account, region, name: spec.stackName });
  seedBucket(world, { name: spec.reportBucket, account, region });
  seedTopic(world, { account, region, name: spec.topicName, subscriptions: 1 });
}

function keep(place: Place, spec: FleetSpec, draft: Draft, tagged: boolean, kinds: readonly Kind[]): Member {
  const { desktop } = draft;
  desktops(place).set(desktop.workspaceId, desktop);
  const tag = tagged ? spec.tag : spec.otherTag;
  const tags = { Name: desktop.computerName, ...(tag && { [tag.key]: tag.value }) };
  setTags(place, desktop.workspaceId, tags, desktop.createdAt);
  for (const instance of draft.instances) instances(place).set(instance.instanceId, instance);
  const byAge = draft.instances.toSorted((a, b) => b.registeredAt - a.registeredAt);
  return { workspaceId: desktop.workspaceId, kinds, instanceIds: byAge.map(({ instanceId }) => instanceId) };
}
