/** Why a plan may not run although everything in it could be done. */
import type { ImageUpgradeInput } from './image-upgrade.ts';
import type { Problem } from './upgrade-plan.ts';

/** @param going how many WorkSpaces it would touch @param onBundle all on the bundle, selected or not */
export function tooMany(
  { maxResources, maxResourcesPercent, bundleId }: ImageUpgradeInput,
  { going, onBundle }: { readonly going: number; readonly onBundle: number },
): Problem[] {
  const limits: string[] = [];
  if (maxResources !== null && going > maxResources) limits.push(`at most ${maxResources} may be`);
  if (maxResourcesPercent !== null && going * 100 > maxResourcesPercent * onBundle) {
    const share =
      onBundle === 0 ? 'none is' : `that is ${Math.round((going * 1_000) / onBundle) / 10} % of the ${onBundle}`;
    limits.push(`${share} on ${bundleId}, at most ${maxResourcesPercent} % may be`);
  }
  if (limits.length === 0) return [];
  const message = `${going} WorkSpaces would be upgraded: ${limits.join('; ')}; select fewer, or allow more`;
  return [{ code: 'tooMany', message }];
}

export function planChanged({ approval }: ImageUpgradeInput, hash: string): Problem[] {
  if (approval.planHash === null || approval.planHash === hash) return [];
  const message = `plan ${approval.planHash} was to be run, and what would be done now is plan ${hash}: the fleet or the parameters have changed; look at the new plan, and start that one`;
  return [{ code: 'planChanged', message }];
}

/** @param planned the image to which the bundle would go back @param present the one that it carries now; null: none is known */
export function imageChanged(
  bundleId: string,
  { planned, present }: { readonly planned: string | null; readonly present: string | null },
): Problem | null {
  if (planned === present) return null;
  const [before, now] = [planned ?? 'no known image', present ?? 'no known image'];
  const message = `bundle ${bundleId} carried ${before} when the plan was made, and carries ${now} now: it would go back to the wrong image; look at the new plan, and start that one`;
  return { code: 'planChanged', message };
}

const MOST_NAMED = 20;

/** `a, b and 3 more`: a message must stay short however many there are. */
export function namedShortly(names: readonly string[]): string {
  const more = names.length - MOST_NAMED;
  return names.slice(0, MOST_NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
