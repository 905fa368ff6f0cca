import { lasting, once, type Run, type World } from './fault.ts';
import { parameter } from './parameters.ts';
import { isMeant, type Who } from './who.ts';

/** What Postgres' client says of a connection that went away. */
const CONNECTION_LOST = 'tcp recv: closed (the connection was closed by the pool, possibly due to a timeout or because the pool has been terminated)';

export const delaySystemOk = lasting({
  summary: 'subscribes new joins to Postgres changes late, and so says `system` ok late; changes until then are not sent',
  parameters: { who: parameter.who, ms: parameter.ms('how late'), jitterMs: parameter.msOr(0, 'up to this much more, by chance'), forMs: parameter.forMs },
  begin: (world, { who, ms, jitterMs }, run) => holdSubscriptions(world, run, { who, forMs: () => ms + run.random.next() * jitterMs }),
});

export const coldStart = lasting({
  summary: 'is a server that was asleep: joins are answered, but changes are only subscribed once it is warm',
  parameters: { ms: parameter.ms('time until it is warm') },
  begin: (world, { ms }, run) => {
    run.timers.after(ms, () => run.end());
    return holdSubscriptions(world, run, { who: {}, forMs: () => null });
  },
});

export const failSubscriptions = lasting({
  summary: 'fails new subscriptions to Postgres changes: a `system` error, and another try after 5 s, as the real server does',
  parameters: {
    who: parameter.who,
    exception: parameter.textOr(CONNECTION_LOST, 'what the database said'),
    probability: parameter.probability,
    count: parameter.count,
    forMs: parameter.forMs,
  },
  begin: ({ realtime }, { who, exception }, run) =>
    realtime.seams.subscribe.insert((channel) => Promise.resolve(isMeant(who, channel) && run.strikes() ? exception : null)),
});

export const recheckPublication = once({
  summary: 'checks the publication now: every subscription hears `system` ok again, or an error when its table is gone',
  parameters: {},
  strike: async ({ realtime }) => ({ subscriptions: (await realtime.run?.feed.recheck()) ?? 0 }),
});

/** Holds subscriptions up, each for its time or, for `null`, until the end; the end lets all go on. */
export function holdSubscriptions({ realtime }: Pick<World, 'realtime'>, run: Pick<Run, 'hit' | 'timers'>, { who, forMs }: { who: Who; forMs: () => number | null }): () => void {
  const waiting = new Set<() => void>();
  const remove = realtime.seams.subscribe.insert(async (channel) => {
    if (!isMeant(who, channel)) return null;
    run.hit();
    await new Promise<void>((resolve) => {
      waiting.add(resolve);
      const ms = forMs();
      if (ms !== null) run.timers.after(ms, resolve);
    });
    return null;
  });
  return () => {
    remove();
    for (const goOn of waiting) goOn();
  };
}
