/** Brings a recovery point back by the same leg as a custody's copies: checked, in turn, followed, verified. */
import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import {
  COPY_BACK_LEG,
  COPY_BACK_REMAINING_DAYS,
  copyBackLeg,
  type CopyBackInput,
  type CopyBackPlan,
} from '../domain/copy-back.ts';
import { foreseenObstacles } from '../domain/copy-verification.ts';
import { isUsable, vaultArn, type Hop, type Leg, type Obstacle, type PointFacts } from '../domain/custody.ts';
import { plannedObstacles } from '../domain/planned-way.ts';
import { backupReads, quickCalls } from './activities.ts';
import { AwsClock } from './aws-clock.ts';
import { copyLeg } from './copy-leg.ts';
import { CopyMail } from './copy-mail.ts';
import {
  abortCopyBackUpdate,
  copyBackStatusQuery,
  resumeCopyBackUpdate,
  type CopyBackResult,
  type CopyBackState,
} from './custody-copy-back.messages.ts';
import { copyGrantedSignal, custodyHintSignal } from './custody.messages.ts';
import { plannedRoutes } from './planned-routes.ts';
import { asked, wrongState } from './steering-checks.ts';

const JUST_BY = '{"by":"ana","reason":null}';

/** What it would do. Reads only. */
export async function custodyCopyBackPlan(input: CopyBackInput): Promise<CopyBackPlan> {
  setCurrentDetails(`Looking at the way of \`${input.point.arn}\` to ${vaultArn(input.to)}; nothing is changed`);
  const { at, facts } = await backupReads.describePoint({ point: input.point });
  if (!facts) return { point: null, leg: null, obstacles: [] };
  const leg = copyBackLeg(input, facts, at);
  const { hops } = leg;
  const routes = await plannedRoutes(input.backupRole, facts, hops);
  return {
    point: facts,
    leg,
    obstacles: [
      ...usableObstacles(facts),
      ...plannedObstacles({ facts, hops, routes, now: at }),
      ...foreseenObstacles({
        source: facts,
        leg,
        hop: hops.at(-1) as Hop,
        after: null,
        minRemainingDays: COPY_BACK_REMAINING_DAYS,
        mustOutlive: false,
        now: at,
      }),
    ],
  };
}

const usableObstacles = ({ ref, status }: PointFacts): Obstacle[] =>
  isUsable(status)
    ? []
    : [
        {
          code: 'unknown',
          message: `${ref.arn} is ${status}: AWS copies only what is COMPLETED or AVAILABLE`,
          remedy: 'choose another recovery point',
          statement: null,
        },
      ];

export async function custodyCopyBack(input: CopyBackInput, carried?: CopyBackState): Promise<CopyBackResult> {
  const { firstExecutionRunId } = workflowInfo();
  const state = carried ?? { point: null, leg: null, outcome: null, now: '', seed: firstExecutionRunId };
  const mail = new CopyMail();
  const over = { isAborted: false, isGone: false };
  setHandler(copyBackStatusQuery, () => ({ ...state, input }));
  setHandler(copyGrantedSignal, ({ destinationVaultArn }) => mail.grant(destinationVaultArn));
  setHandler(custodyHintSignal, (hint) => mail.hint(hint));
  setHandler(
    resumeCopyBackUpdate,
    () => {
      mail.resume(null);
      return { answer: 'what was blocked is tried again now' };
    },
    {
      validator: (request: unknown) => {
        asked(request, JUST_BY);
        if (!state.leg?.blocked && !state.leg?.retrying)
          throw wrongState('nothing is blocked: there is nothing to resume');
      },
    },
  );
  setHandler(
    abortCopyBackUpdate,
    () => {
      over.isAborted = true;
      return { answer: 'no copy is begun any more; one under way comes to its end, and is not verified' };
    },
    { validator: (request: unknown) => void asked(request, JUST_BY) },
  );
  void CancellationScope.current().cancelRequested.catch(() => {
    over.isAborted = true;
  });
  return await CancellationScope.nonCancellable(async () => {
    const clock = new AwsClock(state);
    await look(input, state, clock);
    const isStopped = (): boolean => over.isAborted || over.isGone || workflowInfo().continueAsNewSuggested;
    if (state.point && state.leg) await copy(input, state, { mail, clock, over, isStopped });
    await condition(allHandlersFinished);
    if (state.outcome === null) return await continueAsNew<typeof custodyCopyBack>(input, state);
    return resultOf(state);
  });
}

/** What is copied is read once: its leg, and AWS's answer to each step, rest on that. */
async function look(input: CopyBackInput, state: CopyBackState, clock: AwsClock): Promise<void> {
  if (state.leg) return;
  const { at, facts } = await backupReads.describePoint({ point: input.point });
  clock.heard(at);
  state.point = facts;
  if (facts) state.leg = copyBackLeg(input, facts, at);
  else state.outcome = 'gone';
  show(input, state);
}

interface Copying {
  readonly mail: CopyMail;
  readonly clock: AwsClock;
  readonly over: { readonly isAborted: boolean; isGone: boolean };
  readonly isStopped: () => boolean;
}

async function copy(input: CopyBackInput, state: CopyBackState, { mail, clock, over, isStopped }: Copying) {
  const [point, leg] = [state.point as PointFacts, state.leg as Leg];
  const isVerified = await copyLeg({
    leg,
    source: () => point,
    backupRole: input.backupRole,
    limits: input.limits,
    after: () => null,
    minRemainingDays: COPY_BACK_REMAINING_DAYS,
    mustOutlive: false,
    takesOver: false,
    seed: state.seed,
    mail,
    clock,
    sameCopy: () => null,
    sourceMissing: () => {
      over.isGone = true;
    },
    changed: () => show(input, state),
    isStopped,
  });
  if (isVerified) state.outcome = 'copied';
  else if (over.isAborted || over.isGone) {
    await leaveQueue(leg);
    state.outcome = over.isGone ? 'gone' : 'aborted';
  }
  show(input, state);
}

/** Its place is for others. */
async function leaveQueue({ hops }: Leg): Promise<void> {
  const hop = hops.find(({ step }) => step === 'queue' || step === 'start');
  const from = hop && placeBefore(hops, hop);
  if (!hop || !from) return;
  const place = { holder: workflowInfo().workflowId, destinationVaultArn: vaultArn(hop.to) };
  await quickCalls.giveBackCopy({ queue: { source: from, destinationRegion: hop.to.region }, place });
}

const placeBefore = (hops: readonly Hop[], hop: Hop) => hops[hops.indexOf(hop) - 1]?.to ?? hop.from;

const resultOf = ({ outcome, leg }: CopyBackState): CopyBackResult => {
  const last = leg?.hops.at(-1);
  return { outcome: outcome ?? 'gone', copyArn: last?.copyArn ?? null, verifiedAt: last?.verifiedAt ?? null };
};

function show({ point, to }: CopyBackInput, { leg, outcome }: CopyBackState): void {
  const health = leg?.blocked ? 'blocked' : leg?.overdue ? 'overdue' : leg?.retrying ? 'retrying' : 'ok';
  upsertSearchAttributes({
    HoldfastCapability: [COPY_BACK_LEG],
    HoldfastPhase: [outcome === null ? 'copying' : 'done'],
    HoldfastHealth: [health],
    ...(outcome === null ? {} : { HoldfastOutcome: [outcome] }),
  });
  const steps = leg?.hops.map((hop) => `${vaultArn(hop.to)} ${hop.step}`) ?? [];
  setCurrentDetails(
    [
      `\`${point.arn}\` back to ${vaultArn(to)}: **${outcome ?? health}**`,
      ...steps,
      ...(leg?.blocked ? [`**Blocked** since ${leg.blocked.since}: ${leg.blocked.message}`, leg.blocked.remedy] : []),
    ].join('\n\n'),
  );
}
