/** Custodies in words. */
import type { CopyPlace } from '../domain/copy-queue.ts';
import type { CustodyRecord } from '../domain/custody-record.ts';
import type { CustodySweepResult } from '../domain/custody-sweep.ts';
import {
  healthOf,
  vaultArn,
  type CustodyState,
  type Hop,
  type Leg,
  type Lifecycle,
  type Obstacle,
  type PointFacts,
  type PointRef,
} from '../domain/custody.ts';
import type { EvidenceDocument } from '../domain/evidence.ts';
import type { CustodyStatus } from '../workflows/custody.messages.ts';
import { NO_PLACES, type CopyPlaces } from './copy-place.ts';
import type { CustodyLine } from './custody-choice.ts';
import { minute, plural, table } from './text.ts';

export function custodiesText(lines: readonly CustodyLine[]): string {
  const rows = lines.map(({ pointArn, execution, health, phase, status }) => [
    pointArn,
    status?.point?.resourceType ?? '–',
    status ? `${status.input.point.account}/${status.input.point.region}/${status.input.point.vault}` : '–',
    status?.phase ?? phase,
    execution === 'RUNNING' ? (status?.health ?? health) : (status?.outcome ?? execution.toLowerCase()),
    status ? whatOf(status) : 'gives no answer at present',
  ]);
  return table(['recovery point', 'type', 'vault', 'phase', 'health', 'what'], rows);
}

/** The first thing that somebody who looks at the list wants to know. */
function whatOf(status: CustodyStatus): string {
  const { blocked, legs, retrying, waiting, reason } = status;
  const leg =
    legs.find((each) => each.blocked) ?? legs.find((each) => each.overdue) ?? legs.find((each) => each.retrying);
  if (blocked) return blocked.message;
  if (leg?.blocked) return `${leg.rule.name}: ${leg.blocked.message}`;
  if (leg?.overdue) return `${leg.rule.name}: overdue since ${minute(leg.deadlineAt)}`;
  if (retrying ?? leg?.retrying) return `tried again: ${retrying ?? leg?.retrying ?? ''}`;
  return waiting ?? reason ?? legs.map((each) => `${each.rule.name} ${stepOf(each)}`).join(', ');
}

const stepOf = ({ hops }: Leg): string => {
  const at = hops.findIndex(({ step }) => step !== 'verified');
  if (at < 0) return 'verified';
  return `${hops.length > 1 ? `hop ${at + 1} of ${hops.length}, ` : ''}${hops[at]?.step ?? ''}`;
};

/** What a custody and its evidence both know. */
type Chain = CustodyState & Pick<EvidenceDocument, 'begunBy'> & { readonly ref: PointRef };

interface Head {
  readonly policy: string;
  readonly bucket: string;
}

/** The whole chain. */
export const custodyText = ({ input, ...state }: CustodyStatus, places: CopyPlaces): string =>
  chainText(
    { ...state, begunBy: input.begunBy, ref: input.point },
    { policy: input.policy.name, bucket: input.policy.evidence.place.bucket },
    places,
  );

/** What was written down of it. */
export function recordText({ entry, document }: CustodyRecord, bucket: string): string {
  if (!document) {
    const { pointArn, outcome, reason, closedAt, evidence } = entry;
    const why = evidence ? `its evidence s3://${bucket}/${evidence.key} is not there any more` : 'it left no evidence';
    return `Custody of ${pointArn}\n  ${outcome}: ${reason}\n  closed ${minute(closedAt)}, as the index says; ${why}`;
  }
  const { state, begunBy, point, policy } = document;
  const evidence = entry.evidence ?? { versions: 0, sha256: null, key: null };
  return chainText({ ...state, evidence, begunBy, ref: point }, { policy, bucket });
}

function chainText(chain: Chain, { policy, bucket }: Head, places = NO_PLACES): string {
  const { ref, begunBy, phase, rule, outcome, reason, openedAt, closedAt } = chain;
  const end = outcome === null ? `${phase}, ${healthOf(chain)}` : `${outcome}${reason === null ? '' : `: ${reason}`}`;
  return [
    `Custody of ${ref.arn}`,
    `  ${end}`,
    `  opened ${at(openedAt)} by ${BEGUN[begunBy]}, closed ${at(closedAt)}; policy ${policy}, rule ${rule?.name ?? '–'}`,
    ...sourceText(chain),
    ...chain.legs.flatMap((leg) => legText(leg, places)),
    ...originalText(chain),
    ...evidenceText(chain, bucket),
    ...(chain.steering.length === 0 ? [] : ['What people did']),
    ...chain.steering.map(
      ({ at: when, what, by, reason: why, answer }) =>
        `  ${minute(when)} ${what} by ${by ?? 'nobody known'}${why === null ? '' : ` (${why})`}: ${answer}`,
    ),
  ].join('\n');
}

const BEGUN = { event: 'an event', reconciler: 'the reconciler', person: 'a person' } as const;
const at = (iso: string | null): string => (iso === null ? '–' : minute(iso));

function sourceText({ ref, point, tags }: Chain): string[] {
  if (!point) return ['Source', `  in ${vaultArn(ref)}, not read yet`];
  const tagged = Object.entries(tags).map(([key, value]) => `${key}=${value}`);
  return [
    'Source',
    `  ${point.resourceType} ${point.resourceArn}`,
    `  in ${vaultArn(point.ref)}, ${point.status}${point.storageClass ? `, ${point.storageClass}` : ''}`,
    `  created ${minute(point.createdAt)}, completed ${at(point.completedAt)}; ${keptText(point)}`,
    ...(tagged.length === 0 ? [] : [`  tags ${tagged.join(', ')}`]),
    `  as read ${minute(point.at)}`,
  ];
}

const keptText = ({ lifecycle, deleteAt, moveToColdAt }: PointFacts): string =>
  `${deleteAt === null ? 'never deleted' : `deleted ${minute(deleteAt)}`} (${lifecycleText(lifecycle)})${moveToColdAt === null ? '' : `, cold from ${minute(moveToColdAt)}`}`;

const lifecycleText = ({ deleteAfterDays, moveToColdStorageAfterDays }: Lifecycle): string =>
  [
    deleteAfterDays === null ? 'kept for ever' : `${deleteAfterDays} days`,
    ...(moveToColdStorageAfterDays === null ? [] : [`cold after ${moveToColdStorageAfterDays}`]),
  ].join(', ');

export function legText(leg: Leg, places = NO_PLACES): string[] {
  const { rule, deadlineAt, hops, blocked, retrying, overdue, unwantedSince } = leg;
  return [
    `Leg ${rule.name}: ${stepOf(leg)}, deadline ${minute(deadlineAt)}${overdue ? ', OVERDUE' : ''}`,
    ...(unwantedSince === null
      ? []
      : [`  the rule does not ask for it since ${minute(unwantedSince)}: nothing waits for it`]),
    ...hops.flatMap((hop, index) => hopText(hop, index, hops.length, places)),
    ...(retrying === null ? [] : [`  tried again: ${retrying}`]),
    ...(blocked ? blockedText(blocked) : []),
  ];
}

function placeText(place: CopyPlace | undefined): string {
  if (place?.kind !== 'waiting') return '';
  return `, number ${place.number} of ${place.of} that wait, ${place.copying} being copied`;
}

function hopText(hop: Hop, index: number, of: number, places: CopyPlaces): string[] {
  const { to, step, attempt, jobId, jobState, startedAt, endedAt, adopted, copyArn, verified, verifiedAt } = hop;
  const name = of > 1 ? `hop ${index + 1} ` : '';
  return [
    `  ${name}to ${vaultArn(to)}: ${step}${placeText(places.get(vaultArn(to)))}${attempt > 1 ? `, attempt ${attempt}` : ''}`,
    ...(hop.failed ?? []).map(
      (job) =>
        `    copy job ${job.jobId ?? '–'} ended ${job.jobState ?? ''}, from ${at(job.startedAt)} to ${at(job.endedAt)}: ${job.message}`,
    ),
    ...(jobId === null || isToldAsFailed(hop)
      ? []
      : [
          `    copy job ${jobId} ${jobState ?? ''}${adopted ? ', made by somebody else' : ''}, from ${at(startedAt)} to ${at(endedAt)}`,
        ]),
    ...(copyArn === null ? [] : [`    copy ${copyArn}`]),
    ...(verified
      ? [
          `    verified ${at(verifiedAt)}: ${verified.status}, ${keptText(verified)}, key ${verified.encryptionKeyArn ?? '–'}`,
        ]
      : []),
  ];
}

const isToldAsFailed = ({ jobId, failed = [] }: Hop): boolean => failed.some((job) => job.jobId === jobId);

const blockedText = (blocked: Obstacle & { readonly since: string }): string[] => [
  `  BLOCKED since ${minute(blocked.since)} (${blocked.code}): ${blocked.message}`,
  `    what to do: ${blocked.remedy}`,
  ...(blocked.statement === null ? [] : ['    the missing statement:', indented(blocked.statement)]),
];

const indented = (text: string): string => text.replaceAll(/^/gm, '      ');

function originalText({ rule, change, waiting, blocked, phase }: Chain): string[] {
  const wanted =
    rule === null ? '–' : rule.then.kind === 'shorten' ? `shorten to ${rule.then.days} days` : rule.then.kind;
  return [
    `Original: ${wanted}${phase === 'copying' ? ', once all legs are verified' : ''}`,
    ...(waiting === null ? [] : [`  waits: ${waiting}`]),
    ...(blocked ? blockedText(blocked) : []),
    ...(change
      ? [
          `  ${change.kind}: ${lifecycleText(change.before)} → ${change.after ? lifecycleText(change.after) : 'deleted'}`,
          `    ${change.why}`,
          `    decided ${minute(change.decidedAt)} on ${change.gate.map(({ ref }) => ref.arn).join(', ')}`,
          ...(change.askedAt === null ? [] : [`    asked of AWS ${minute(change.askedAt)}`]),
          `    done ${at(change.doneAt)}${change.doneAt === null ? '' : `; read back: ${change.readBack ? keptText(change.readBack) : 'it is gone'}`}`,
        ]
      : []),
  ];
}

function evidenceText({ evidence }: Chain, bucket: string): string[] {
  if (evidence.versions === 0) return ['Evidence: none written yet'];
  return [
    `Evidence: ${plural(evidence.versions, 'version')}, the last s3://${bucket}/${evidence.key ?? ''}`,
    `  sha256 ${evidence.sha256 ?? '–'}`,
  ];
}

/** What a sweep found. */
export function sweepText({ outcome, beganAt, counts, odd, failures, oldestListingDays }: CustodySweepResult): string {
  const { seen, started, hinted, settled, running, unsupported, partial, expired, orphaned, copyGone } = counts;
  return [
    `Sweep of ${minute(beganAt)}: ${outcome}`,
    `  ${plural(seen, 'line')} in lists of jobs and vaults (a recovery point may be in both): ${plural(started, 'custody', 'custodies')} begun, ${running} under way, ${settled} settled; ${hinted} told of something`,
    `  in all vaults, as last listed in full: ${unsupported} of unsupported types or continuous, ${partial} partial, ${expired} expired, ${orphaned} orphaned, ${plural(copyGone, 'copy', 'copies')} gone`,
    `  ${oldestListingDays === null ? 'not every vault was ever listed in full: use --full' : `every vault was listed in full within ${oldestListingDays} days`}`,
    ...odd.map(({ oddity, vault, pointArn, why }) => `  ${oddity}: ${pointArn} in ${vault}: ${why}`),
    ...failures.map(({ where, why }) => `  NOT LISTED ${where}: ${why}`),
  ].join('\n');
}
