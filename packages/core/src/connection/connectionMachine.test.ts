import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RealtimeError } from '../errors.ts';
import { connectionTable, initialMachine, transition, type Machine, type MachineEvent } from './connectionMachine.ts';
import type { ConnectionStatus } from './types.ts';

const reason = new RealtimeError('connection/lost', 'gone');
const statuses = Object.keys(connectionTable) as ConnectionStatus[];
const events: readonly MachineEvent[] = [
  { type: 'want' }, { type: 'unwant' }, { type: 'opened' }, { type: 'lost', reason, stable: true }, { type: 'lost', reason, stable: false },
  { type: 'retryDue' }, { type: 'timedOut', reason }, { type: 'online' }, { type: 'offline', reason }, { type: 'wake' }, { type: 'reconnect' }, { type: 'disconnect', reason },
];
const anEvent = fc.constantFrom(...events);

/** Runs events as the runner would: nothing wants it twice, and a retry falls due only while one waits. */
function run(sequence: readonly MachineEvent[]): { machine: Machine; waits: boolean }[] {
  let machine = initialMachine;
  let waits = false;
  let wanted = false;
  return sequence.flatMap((event) => {
    if ((event.type === 'want' && wanted) || (event.type === 'unwant' && !wanted) || (event.type === 'retryDue' && !waits)) return [];
    if (event.type === 'want' || event.type === 'unwant') wanted = event.type === 'want';
    if (event.type === 'retryDue') waits = false;
    const { next, effects } = transition(machine, event);
    for (const effect of effects) if (effect === 'retry' || effect === 'cancelRetry') waits = effect === 'retry';
    machine = next;
    return [{ machine, waits }];
  });
}

describe('C1: every state and event has a defined outcome', () => {
  for (const status of statuses) {
    for (const event of events) {
      test(`${status} × ${event.type}${event.type === 'lost' ? (event.stable ? ' (stable)' : ' (unstable)') : ''}`, () => {
        const { next, effects } = transition({ ...initialMachine, status, wanted: true }, event);
        expect(statuses).toContain(next.status);
        expect(new Set(effects).size).toBe(effects.length);
        expect(next.attempt).toBeGreaterThanOrEqual(0);
      });
    }
  }
});

test('C1: a retry waits exactly when the machine says so, and only while reconnecting', () => {
  fc.assert(fc.property(fc.array(anEvent, { maxLength: 60 }), (sequence) => {
    for (const { machine, waits } of run(sequence)) {
      expect(machine.waiting).toBe(waits);
      if (waits) expect(machine.status).toBe('reconnecting');
    }
  }));
});

test('whatever happened, reconnect and opened lead to an open socket while it is wanted and there is a network', () => {
  fc.assert(fc.property(fc.array(anEvent, { maxLength: 60 }), (sequence) => {
    const before = run(sequence).at(-1)?.machine ?? initialMachine;
    if (!before.wanted || !before.online) return;
    const retrying = transition(before, { type: 'reconnect' }).next;
    expect(transition(retrying, { type: 'opened' }).next).toMatchObject({ status: 'open', reason: null });
  }));
});

test('after disconnect nothing but reconnect opens the socket', () => {
  fc.assert(fc.property(fc.array(anEvent, { maxLength: 30 }), (sequence) => {
    let machine: Machine = { ...initialMachine, status: 'closed', wanted: true };
    for (const event of sequence.filter(({ type }) => type !== 'reconnect')) {
      const { next, effects } = transition(machine, event);
      expect([next.status, effects]).toEqual(['closed', []]);
      machine = next;
    }
  }));
});

test('a socket that closes right after it opened goes on with the backoff; one that was stable starts afresh', () => {
  const open: Machine = { ...initialMachine, status: 'open', wanted: true, attempt: 4 };
  expect(transition(open, { type: 'lost', reason, stable: false }).next).toMatchObject({ status: 'reconnecting', attempt: 4, waiting: true });
  expect(transition(open, { type: 'lost', reason, stable: true }).next).toMatchObject({ status: 'reconnecting', attempt: 0, waiting: true });
});
