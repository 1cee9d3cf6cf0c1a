/**
 * Deletes the images that a policy does not keep, each on what AWS shows right before: the same pure rules decide again on
 * that. Rows for the report come back; trouble with one image is its row's, never an exception.
 */
import { groupOf } from '../domain/image-groups.ts';
import {
  decideRetention,
  sharingWanted,
  type BackupImage,
  type Retention,
  type RetentionPolicy,
  type RetentionReason,
} from '../domain/image-retention.ts';
import { retentionParts, withPart, type RetentionPart } from '../domain/retention-parts.ts';
import { retentionRow, type RetentionOutcome, type RetentionRow } from '../domain/retention-row.ts';
import type { Target } from '../domain/target.ts';
import { deleteImage } from './image-deletion.ts';
import { readAgain, withSharing } from './image-reading.ts';
import { troubleOf } from './failures.ts';

export interface Retiring {
  readonly target: Target;
  readonly policy: RetentionPolicy;
  readonly policyName: string;
  /** All that are known in the target, of whatever origin. */
  readonly images: readonly BackupImage[];
  /** AWS's time. */
  readonly asOf: string;
  /** Only images of these are deleted, see `groupOf`; null: of all. */
  readonly groups: ReadonlySet<string> | null;
  /** Asked before each delete: whether nothing more is to be deleted. */
  readonly isStopped: () => boolean;
  /** Asked after each part: whether the history is to end. What is left has to be decided anew. */
  readonly isLong: () => boolean;
}

export interface Retired {
  /** Why nothing was deleted; null: it was not refused. */
  readonly refused: string | null;
  /** One for each image of the groups, in their order. */
  readonly rows: readonly RetentionRow[];
  /** Whether nothing was left for another history. */
  readonly isDone: boolean;
}

/** One image after the other: AWS's rate leaves no more, and a stop takes effect at once. */
export async function applyRetention(retiring: Retiring): Promise<Retired> {
  const { images, groups } = retiring;
  const meant = images.filter((each) => groups === null || groups.has(groupOf(each) ?? ''));
  const retirement = new Retirement(retiring);
  const parts = await retirement.partsOf(meant);
  for (const [index, part] of parts.entries()) {
    // Each history brings one part behind it, or it would never come to an end.
    if (index > 0 && retiring.isLong()) return { ...retirement.result(meant), isDone: false };
    await retirement.retire(part);
  }
  return { ...retirement.result(meant), isDone: true };
}

class Retirement {
  readonly #retiring: Retiring;
  /** As they were last seen, without those that are gone. */
  #images: readonly BackupImage[];
  readonly #rows = new Map<string, RetentionRow>();
  /** Those that were to go when nothing more was to be deleted. */
  readonly #spared = new Set<string>();

  constructor(retiring: Retiring) {
    this.#retiring = retiring;
    this.#images = retiring.images;
  }

  async partsOf(meant: readonly BackupImage[]): Promise<RetentionPart[]> {
    const ids = new Set(meant.map(({ imageId }) => imageId));
    const retention = await this.#decideKnowingly();
    const unread = new Set(sharingWanted(retention));
    const goes = retention.decisions.filter(({ imageId, keep }) => ids.has(imageId) && (!keep || unread.has(imageId)));
    return retentionParts(retention.decisions, new Set(goes.map(({ imageId }) => imageId)));
  }

  async retire(part: RetentionPart): Promise<void> {
    if (this.#retiring.isStopped()) return this.#spare(part.goes);
    const before = new Map(this.#images.map((image) => [image.imageId, image]));
    const images = await this.#seenAgain(part);
    if (typeof images === 'string') {
      for (const id of part.goes) this.#end(before.get(id), 'notDeleted', [], images);
      return;
    }
    this.#images = images;
    const there = new Set(images.map(({ imageId }) => imageId));
    for (const id of part.goes) if (!there.has(id)) this.#end(before.get(id), 'gone', [], 'it was gone already');
    const goes = this.#decide().decisions.filter(({ imageId, keep }) => !keep && part.goes.includes(imageId));
    for (const { imageId, reasons } of goes) {
      if (this.#retiring.isStopped()) this.#spare([imageId]);
      else await this.#delete(imageId, reasons);
    }
  }

  result(meant: readonly BackupImage[]): Omit<Retired, 'isDone'> {
    const decided = this.#decide();
    const decisions = new Map(decided.decisions.map((each) => [each.imageId, each]));
    const rows = meant.flatMap((image): RetentionRow | [] => {
      const decision = decisions.get(image.imageId);
      const ended = this.#rows.get(image.imageId);
      if (ended || !decision) return ended ?? [];
      const more = this.#spared.has(image.imageId) ? [STOPPED] : [];
      return retentionRow(image, { ...decision, keep: true, reasons: [...more, ...decision.reasons] }, 'kept');
    });
    return { refused: decided.ok ? null : decided.refused, rows };
  }

  #decide(): Retention {
    const { policy, policyName, asOf } = this.#retiring;
    return decideRetention(policy, this.#images, asOf, policyName);
  }

  /** Where too many would go, whether they are shared is read before that is refused. */
  async #decideKnowingly(): Promise<Retention> {
    const { target, isStopped } = this.#retiring;
    const retention = this.#decide();
    const unread = sharingWanted(retention);
    if (retention.ok || unread.length === 0 || isStopped()) return retention;
    this.#images = await withSharing(target, this.#images, unread);
    return this.#decide();
  }

  #spare(ids: readonly string[]): void {
    for (const id of ids) this.#spared.add(id);
  }

  /** All images, those of the part as they are now; or why they cannot be read. */
  async #seenAgain(part: RetentionPart): Promise<BackupImage[] | string> {
    const { target } = this.#retiring;
    try {
      const again = await readAgain(target, [...part.goes, ...part.lastGood]);
      const [goes, lastGood] = [part.goes, part.lastGood].map((ids) =>
        again.filter(({ imageId }) => ids.includes(imageId)),
      );
      return withPart(this.#images, part, {
        goes: await withSharing(target, goes ?? [], part.goes),
        lastGood: lastGood ?? [],
      });
    } catch (error) {
      const trouble = troubleOf(error);
      if (!trouble) throw error;
      return `it could not be looked at again before its deletion: ${trouble.message}`;
    }
  }

  async #delete(imageId: string, reasons: readonly RetentionReason[]): Promise<void> {
    const image = this.#images.find((each) => each.imageId === imageId);
    const { outcome, text } = await deleteImage(this.#retiring.target, imageId);
    this.#end(image, outcome, reasons, text);
    if (outcome !== 'notDeleted') this.#images = this.#images.filter((each) => each !== image);
  }

  #end(
    image: BackupImage | undefined,
    outcome: RetentionOutcome,
    reasons: readonly RetentionReason[],
    text: string | null,
  ): void {
    if (!image) return;
    const more: RetentionReason[] = text === null ? [] : [{ rule: 'aws', text }];
    const decision = { imageId: image.imageId, group: groupOf(image), keep: false, reasons: [...reasons, ...more] };
    this.#rows.set(image.imageId, retentionRow(image, decision, outcome));
  }
}

const STOPPED: RetentionReason = { rule: 'stopped', text: 'it was to go when nothing more was to be deleted' };
