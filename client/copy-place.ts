/** Where the copies of a custody stand in the queues that they wait in. */
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { copyQueueId, type CopyGrant, type CopyPlace } from '../domain/copy-queue.ts';
import { custodyId, vaultArn, type CustodyState, type PointRef } from '../domain/custody.ts';
import { copyPlaceQuery } from '../workflows/copy-queue.messages.ts';
import { noAnswer } from './errors.ts';

/** By the ARN of the vault that is copied to. */
export type CopyPlaces = ReadonlyMap<string, CopyPlace>;

export const NO_PLACES: CopyPlaces = new Map();

export async function copyPlacesOf(client: Client, point: PointRef, { legs }: CustodyState): Promise<CopyPlaces> {
  const holder = custodyId(point.arn);
  const places = await Promise.all(
    legs.flatMap(({ hops }) =>
      hops.flatMap(({ step, to }, index) => {
        if (step !== 'queue') return [];
        const queue = copyQueueId(hops[index - 1]?.to ?? point, to.region);
        return [placeOf(client, queue, { holder, destinationVaultArn: vaultArn(to) })];
      }),
    ),
  );
  return new Map(places.flat());
}

/** Nothing: it is in no queue, or the queue gives no answer at present. */
async function placeOf(client: Client, queue: string, copy: CopyGrant): Promise<[string, CopyPlace][]> {
  try {
    const place = await client.workflow.getHandle(queue).query(copyPlaceQuery, copy);
    return place === null ? [] : [[copy.destinationVaultArn, place]];
  } catch (error) {
    if (error instanceof WorkflowNotFoundError || noAnswer(error) !== null) return [];
    throw error;
  }
}
