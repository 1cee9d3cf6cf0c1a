/** Copy-backs in words. */
import type { CopyBackInput, CopyBackPlan } from '../domain/copy-back.ts';
import { vaultArn } from '../domain/custody.ts';
import type { CopyBackStatus } from '../workflows/custody-copy-back.messages.ts';
import { legText } from './custody-text.ts';
import { minute } from './text.ts';

export function copyBackPlanText({ point, to }: CopyBackInput, plan: CopyBackPlan): string {
  if (!plan.point || !plan.leg) return `${point.arn} is not in ${vaultArn(point)}`;
  const { resourceType, resourceArn, createdAt, deleteAt } = plan.point;
  const [first] = plan.obstacles;
  return [
    `${resourceType} ${resourceArn} as of ${minute(createdAt)}`,
    `  from ${vaultArn(point)}, where it is ${deleteAt === null ? 'kept for ever' : `deleted ${minute(deleteAt)}`}`,
    ...plan.leg.hops.map((hop, index) => `  copy job ${index + 1} to ${vaultArn(hop.to)}`),
    first
      ? `NOT POSSIBLE to ${vaultArn(to)} as things are:`
      : 'Vault policy, keys and route: nothing stands in the way',
    ...plan.obstacles.flatMap(({ code, message, remedy, statement }) => [
      `  [${code}] ${message}`,
      `    what to do: ${remedy}`,
      ...(statement === null ? [] : ['    the missing statement:', statement.replaceAll(/^/gm, '      ')]),
    ]),
  ].join('\n');
}

export const copyBackText = ({ input, leg, outcome }: CopyBackStatus): string =>
  [`${input.point.arn} back to ${vaultArn(input.to)}: ${outcome ?? 'under way'}`, ...(leg ? legText(leg) : [])].join(
    '\n',
  );
