/** What AWS says of a copy job that failed, as what a person can do about it. */
import { vaultArn, type Obstacle, type ObstacleCode, type PointRef, type VaultRef } from './custody.ts';

export type CopyFailure =
  /** It may work the next time. */
  { readonly kind: 'passing' } | { readonly kind: 'blocked'; readonly obstacle: Obstacle };

interface Hop {
  readonly from: PointRef;
  readonly to: VaultRef;
  readonly jobId: string | null;
  readonly jobState: string | null;
}

/** @param message AWS's own; null: it gave none */
export function copyFailureOf(hop: Hop, message: string | null): CopyFailure {
  const { from, to, jobId, jobState } = hop;
  const said = `the copy job ${jobId ?? ''} of ${from.arn} to ${vaultArn(to)} ended ${jobState ?? 'FAILED'}: ${message || 'AWS gives no reason'}`;
  if (jobState === 'PARTIAL') return blocked('copyFailed', said, PARTIAL);
  if (PASSING.test(message ?? '')) return { kind: 'passing' };
  const [, code, remedy] = CAUSES.find(([pattern]) => pattern.test(message ?? '')) ?? [null, 'copyFailed', UNKNOWN];
  return blocked(code, said, remedy(hop));
}

const blocked = (code: ObstacleCode, message: string, remedy: string): CopyFailure => ({
  kind: 'blocked',
  obstacle: { code, message, remedy, statement: null },
});

const PARTIAL = 'look in the destination vault at which part is missing, and resume: a new copy is made';
const UNKNOWN = (): string => 'mend what AWS says, and resume: a new copy is made';

const PASSING =
  /internal (service |server )?(error|failure)|service (is )?(currently |temporarily )?unavailable|throttl|rate exceeded|timed? ?out|try again|system error/i;

type Cause = readonly [pattern: RegExp, code: ObstacleCode, remedy: (hop: Hop) => string];

/** The first that fits. AWS's words are not documented: what none fits is told as it is. */
const CAUSES: readonly Cause[] = [
  [
    /cross.?account (backup|copy|copies)?.*(not enabled|disabled|turned off)|not enabled.*cross.?account/i,
    'crossAccountOff',
    () => 'switch on cross-account backup in the organization’s management account, and resume',
  ],
  [
    /organi[sz]ation/i,
    'organization',
    ({ from, to }) => `have ${from.account} and ${to.account} in one organization, and resume`,
  ],
  [
    /retention|lifecycle|vault lock|minimum|maximum/i,
    'lock',
    ({ to }) => `give the leg a lifecycle within the lock of ${vaultArn(to)} (adopt the changed rule), and resume`,
  ],
  [
    /kms|\bkey\b/i,
    'key',
    ({ from, to }) =>
      `let ${to.account} use the key of ${from.arn}, and the copy’s role the key of ${vaultArn(to)}, and resume`,
  ],
  [
    /CopyIntoBackupVault|(vault|access) policy|resource.based policy|trying to call AWS Backup service/i,
    'vaultPolicy',
    ({ from, to }) => `let ${from.account} copy into ${vaultArn(to)} by its access policy, and resume`,
  ],
  [
    /\bopt(ed)?.(in|out)\b/i,
    'optedOut',
    ({ to }) => `opt in to the type in the AWS Backup settings of ${to.region}, and resume`,
  ],
  [
    /vault.*(not (be )?found|does not exist|cannot be found)/i,
    'noVault',
    ({ to }) => `make ${vaultArn(to)}, and resume`,
  ],
  [/limit|quota|too many/i, 'quota', () => 'ask AWS for a higher quota, or wait until fewer copies run, and resume'],
  [
    /not supported|unsupported|cannot be copied/i,
    'unsupported',
    () => 'take the leg out of the rule, as AWS cannot make this copy',
  ],
  [
    /access.?denied|not authori[sz]ed|insufficient (privileges|permissions)|permission/i,
    'accessDenied',
    ({ from }) => `give the backup role in ${from.account} the permission that AWS names, and resume`,
  ],
];
