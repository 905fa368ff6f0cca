import type { SocketSession } from '../realtime/socket/socketSession.ts';
import { lasting, once, type World } from './fault.ts';
import { parameter } from './parameters.ts';
import { isSocketMeant, type Who } from './who.ts';

export const dropSockets = once({
  summary: 'cuts sockets off by a TCP reset: clients see 1006',
  parameters: { who: parameter.who },
  strike: (world, { who }) => {
    const sessions = meantSessions(world, who);
    for (const session of sessions) session.drop();
    return { sockets: sessions.length };
  },
});

export const closeSockets = once({
  summary: 'closes sockets with a close code',
  parameters: { who: parameter.who, code: parameter.closeCodeOr(1000, 'close code'), reason: parameter.closeReason },
  strike: (world, { who, code, reason }) => {
    const sessions = meantSessions(world, who);
    for (const session of sessions) void session.close(code, reason);
    return { sockets: sessions.length };
  },
});

export const halfOpen = lasting({
  summary: 'neither reads from sockets nor writes to them, while TCP stays up; those that open later are not concerned',
  parameters: { who: parameter.who, then: parameter.oneOf(['heal', 'reset'], 'at its end the sockets go on with all that is late, or are reset'), forMs: parameter.forMs },
  begin: (world, { who, then }, run) => {
    const frozen = meantSessions(world, who).map((session) => ({ session, thaw: world.connections.freeze(session) }));
    run.hit(frozen.length);
    return () => {
      for (const { session, thaw } of frozen) {
        if (then === 'reset') session.drop();
        thaw();
      }
    };
  },
});

export const latency = lasting({
  summary: 'delays frames in both directions, in order; sockets that open later too',
  parameters: { who: parameter.who, ms: parameter.ms('delay of every frame'), jitterMs: parameter.msOr(0, 'up to this much more, by chance'), forMs: parameter.forMs },
  begin: ({ connections, realtime }, { who, ms, jitterMs }, run) => {
    const delayOf = (session: SocketSession): number => {
      if (!isSocketMeant(who, session)) return 0;
      run.hit();
      return ms + run.random.next() * jitterMs;
    };
    const undo = connections.slow(realtime.run?.sessions ?? [], delayOf);
    const unwatch = realtime.seams.opened.insert((session) => connections.watch(session));
    return () => {
      unwatch();
      undo();
    };
  },
});

export const refuseHandshakes = lasting({
  summary: 'refuses WebSocket handshakes: by an HTTP answer after 2 s, as the real server does, or by a reset at once',
  parameters: {
    by: parameter.oneOf(['answer', 'reset'], 'how'),
    status: parameter.statusOr(429, 'status of the answer'),
    error: parameter.textOr('Too many connected users', 'text of the answer: {"error": …}'),
    probability: parameter.probability,
    count: parameter.count,
    forMs: parameter.forMs,
  },
  begin: ({ realtime }, { by, status, error }, run) =>
    realtime.seams.handshake.insert(() => {
      if (!run.strikes()) return null;
      return by === 'reset' ? 'reset' : { status, body: JSON.stringify({ error }) };
    }),
});

function meantSessions({ realtime }: World, who: Who): SocketSession[] {
  return [...(realtime.run?.sessions ?? [])].filter((session) => isSocketMeant(who, session));
}
