import type { ChangeTap, Delivery } from '../realtime/changes/tap.ts';
import { DelayLine } from './delayLine.ts';
import { lasting, type World } from './fault.ts';
import { parameter } from './parameters.ts';
import type { Random } from './random.ts';

export const skipBatches = lasting({
  summary: 'loses whole batches of changes, without a sign',
  parameters: { probability: parameter.probability, count: parameter.count, forMs: parameter.forMs },
  begin: (world, _, run) => tapChanges(world, (batch, pass) => (run.strikes() ? undefined : pass(batch))),
});

export const cutReplication = lasting({
  summary: 'loses all changes until it is stopped, without a sign',
  parameters: { forMs: parameter.forMs },
  begin: (world, _, run) => cutChanges(world, (changes) => run.hit(changes)),
});

export const duplicateChanges = lasting({
  summary: 'sends changes twice',
  parameters: { probability: parameter.probability, count: parameter.count, forMs: parameter.forMs },
  begin: (world, _, run) => tapChanges(world, (batch, pass) => pass(batch.flatMap((delivery) => (run.strikes() ? [delivery, delivery] : [delivery])))),
});

export const reorderChannels = lasting({
  summary: 'mixes the order of changes between channels; within a channel it stays',
  parameters: { forMs: parameter.forMs },
  begin: (world, _, run) =>
    tapChanges(world, (batch, pass) => {
      run.hit();
      pass(interleaved(batch, run.random));
    }),
});

export const delayChanges = lasting({
  summary: 'sends changes late, in their order, as replication that lags',
  parameters: { ms: parameter.ms('how late'), jitterMs: parameter.msOr(0, 'up to this much more, by chance'), forMs: parameter.forMs },
  begin: async (world, { ms, jitterMs }, run) => {
    const line = new DelayLine(world.time);
    const untap = await tapChanges(world, (batch, pass) => {
      run.hit(batch.length);
      line.push(ms + run.random.next() * jitterMs, () => pass(batch));
    });
    return async () => {
      await untap();
      line.flush();
    };
  },
});

/** Loses every change that is committed from now until the end, also those that are still to be read then. */
export function cutChanges(world: Pick<World, 'realtime'>, onLost: (changes: number) => void): Promise<() => Promise<void>> {
  return tapChanges(world, (batch) => onLost(batch.length));
}

/** Puts a tap in for exactly what is committed between now and its end. */
async function tapChanges({ realtime }: Pick<World, 'realtime'>, tap: ChangeTap): Promise<() => Promise<void>> {
  await realtime.run?.feed.settled();
  const remove = realtime.seams.changes.insert(tap);
  return async () => {
    await realtime.run?.feed.settled();
    remove();
  };
}

/** The deliveries with channels in random turn, each channel's own in order. */
function interleaved(batch: readonly Delivery[], random: Random): Delivery[] {
  const channels = new Map<object, Delivery[]>();
  for (const delivery of batch) {
    const own = channels.get(delivery.channel);
    if (own === undefined) channels.set(delivery.channel, [delivery]);
    else own.push(delivery);
  }
  const mixed: Delivery[] = [];
  for (let queues = [...channels.values()]; queues.length > 0; queues = queues.filter((queue) => queue.length > 0)) {
    const next = queues[random.between(0, queues.length - 1)]?.shift();
    if (next !== undefined) mixed.push(next);
  }
  return mixed;
}
