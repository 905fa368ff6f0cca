import fc from 'fast-check';
import type { Vsn } from '../support/sessionClient.ts';
import type { Limits } from './rates.ts';
import { EVENTS, FORMS, type DatabaseForm, type Form } from './speech.ts';

/** What one socket does on one topic; refs and tokens are made when it is done. */
export type Action =
  | { kind: 'join'; changes: boolean; ack: boolean; self: boolean }
  | { kind: 'broadcast'; form: Form; event: string }
  | { kind: 'leave' | 'track' | 'untrack' | 'token' | 'unknown' | 'garbage' | 'heartbeat' };

/** Topics `b` are private: every push asks policies, while those on `a` are answered at once. */
type TopicName = 'a' | 'b';

/** What is done next: by a socket, by SQL that inserts rows with these values of `n`, or by SQL that sends a broadcast. */
export type Step = { socket: number; topic: TopicName; action: Action } | { rows: number[] } | { sends: DatabaseForm; event: string; topic: TopicName };

/** A session of several sockets; between its rounds the clock moves on. */
export interface Session {
  versions: Vsn[];
  rounds: Step[][];
  limits: Limits | null;
}

const topic = fc.constantFrom<TopicName[]>('a', 'b');
const event = fc.constantFrom(...EVENTS);
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('join' as const), changes: fc.boolean(), ack: fc.boolean(), self: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('broadcast' as const), form: fc.constantFrom(...FORMS), event }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constantFrom('leave', 'track', 'track', 'untrack', 'token', 'unknown', 'garbage', 'heartbeat') }) },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 9, arbitrary: fc.record({ socket: fc.nat(2), topic, action }) },
  { weight: 1, arbitrary: fc.record({ rows: fc.array(fc.nat(1), { minLength: 1, maxLength: 4 }) }) },
  { weight: 1, arbitrary: fc.record({ sends: fc.constantFrom<DatabaseForm[]>('json', 'bytes'), event, topic }) },
);
const versions = fc.array(fc.constantFrom<Vsn>('1.0.0', '2.0.0'), { minLength: 3, maxLength: 3 });

/** Sessions whose messages are under way at the same time, within limits nobody reaches but that of presence. */
export const unlimited: fc.Arbitrary<Session> = fc.record({
  versions,
  rounds: fc.array(fc.array(step, { minLength: 1, maxLength: 14 }), { minLength: 2, maxLength: 5 }),
  limits: fc.constant(null),
});

/** Sessions within limits so low that they are reached, and fallen below again. */
export const limited: fc.Arbitrary<Session> = fc.record({
  versions,
  rounds: fc.array(fc.array(step, { minLength: 1, maxLength: 10 }), { minLength: 3, maxLength: 8 }),
  limits: fc.record({
    maxEventsPerSecond: fc.constantFrom(0.2, 0.6, Infinity),
    maxDbEventsPerSecond: fc.constantFrom(0.3, 1, Infinity),
    maxJoinsPerSecond: fc.constantFrom(0.15, 0.4, Infinity),
    maxChannelsPerClient: fc.constantFrom(1, 2),
    maxClientPresenceEventsPerWindow: fc.constantFrom(1, 2, 5),
  }),
});
