/** Why a WorkSpace ended as it did, in a sentence. */
import { REASONS, type Reason } from '../domain/image-upgrade.ts';

/** Empty without a reason; else the code's sentence and, after a colon, AWS's code or the value seen. */
export function reasonText({ reason }: { readonly reason: Reason | null }): string {
  if (!reason) return '';
  return reason.detail ? `${REASONS[reason.code]}: ${reason.detail}` : REASONS[reason.code];
}
