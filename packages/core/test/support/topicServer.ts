import { RealtimeError, type Clock } from '../../src/index.ts';
import type { Binding, Join, JoinHandlers, JoinRequest, SocketHandlers, Wire } from '../../src/wire/types.ts';

/** A committed change, as far as the server looks at it. */
interface Row {
  readonly id: string;
  readonly v: number;
}

/** The server's side of one socket, with the rules of its topics. */
export interface TopicServer extends Wire {
  /** Topics that were joined twice at the same time, which ends the earlier join. */
  readonly clashes: string[];
  /** Topics joined now. */
  topics(): string[];
  /** Joins made so far. */
  joins(): number;
  commit(table: string, row: Row): void;
  broadcast(topic: string, event: string, id: string): void;
  /** Other people come to a topic and go. */
  present(topic: string, key: string, here: boolean): void;
  presentAt(topic: string): string[];
  /** What is shared on a topic from this socket; null when nothing is. */
  sharedAt(topic: string): unknown;
  /** The socket is cut. */
  cut(): void;
  /** The server closes a joined topic. */
  closeTopic(pick: number): void;
}

interface Joined {
  readonly request: JoinRequest;
  readonly handlers: JoinHandlers;
  open: boolean;
  answered: boolean;
  subscribed: boolean;
}

const LATENCY_MS = 20;
/** A table that is not in the publication: bindings to it spoil their join. */
export const BAD_TABLE = 'bad';

/** Makes the server; what it does takes its time on the test's clock. */
export function createTopicServer(clock: Clock): TopicServer {
  const joined = new Set<Joined>();
  const clashes: string[] = [];
  const listeners = new Set<SocketHandlers>();
  const people = new Map<string, Set<string>>();
  const shared = new Map<string, unknown>();
  const bindingIds = new Map<string, number>();
  let joins = 0;
  let open = false;

  const idOf = (binding: Binding): number => {
    const text = JSON.stringify(binding);
    const id = bindingIds.get(text) ?? 7_000 - bindingIds.size; // equal bindings have equal ids, and ids no order
    bindingIds.set(text, id);
    return id;
  };
  const later = (action: () => void, delayMs = LATENCY_MS): void => void clock.setTimeout(action, delayMs);
  const heard = (): void => { for (const listener of [...listeners]) listener.onHeard(); };
  const say = (join: Joined, action: () => void): void => {
    if (!join.open) return;
    heard();
    action();
  };
  const metasOf = (keys: Iterable<string>) => Object.fromEntries([...keys].map((key) => [key, { metas: [{ phx_ref: `ref ${key}` }] }]));
  const answer = (join: Joined): void => {
    const { request, handlers } = join;
    join.answered = true;
    say(join, () => { handlers.onJoined(request.bindings.map(idOf)); });
    if (request.presence !== null) say(join, () => { handlers.onEvent({ type: 'presence_state', payload: metasOf(people.get(request.topic) ?? []) }); });
    if (request.bindings.length === 0) return;
    later(() => {
      say(join, () => {
        if (request.bindings.some(({ table }) => table === BAD_TABLE)) {
          gone(join);
          handlers.onEnded(new RealtimeError('channel/subscription-failed', 'not in the publication'));
          return;
        }
        join.subscribed = true;
        handlers.onSubscribed();
      });
    }, 3 * LATENCY_MS);
  };
  const gone = (join: Joined): void => {
    join.open = false;
    if (joined.delete(join)) shared.delete(join.request.topic);
  };
  const matches = ({ table, filter }: Binding, of: string, { v }: Row): boolean => table === of && (filter === undefined || filter === `v=eq.${String(v)}`);

  return {
    clashes,
    topics: () => [...joined].map(({ request }) => request.topic),
    joins: () => joins,
    commit(table, row) {
      for (const join of [...joined]) {
        if (!join.subscribed) continue;
        const ids = join.request.bindings.filter((binding) => matches(binding, table, row)).map(idOf).reverse();
        const data = { type: 'INSERT', schema: 'public', table, commit_timestamp: null, columns: [{ name: 'id' }, { name: 'v' }], record: row, errors: null };
        if (ids.length > 0) say(join, () => { join.handlers.onEvent({ type: 'postgres_changes', payload: { ids, data } }); });
      }
    },
    broadcast(topic, event, id) {
      for (const join of [...joined]) {
        if (join.answered && join.request.topic === topic) say(join, () => { join.handlers.onEvent({ type: 'broadcast', payload: { type: 'broadcast', event, payload: { id } } }); });
      }
    },
    present(topic, key, here) {
      const keys = people.get(topic) ?? new Set();
      people.set(topic, keys);
      if (keys.has(key) === here) return;
      if (here) keys.add(key);
      else keys.delete(key);
      for (const join of [...joined]) {
        if (join.answered && join.request.topic === topic) say(join, () => { join.handlers.onEvent({ type: 'presence_diff', payload: { joins: here ? metasOf([key]) : {}, leaves: here ? {} : metasOf([key]) } }); });
      }
    },
    presentAt: (topic) => [...(people.get(topic) ?? [])].sort(),
    sharedAt: (topic) => shared.get(topic) ?? null,
    cut() {
      if (!open) return;
      open = false;
      for (const join of [...joined]) gone(join);
      for (const listener of [...listeners]) listener.onLost(new RealtimeError('connection/lost', 'cut'));
    },
    closeTopic(pick) {
      const join = [...joined][pick % Math.max(1, joined.size)];
      if (join === undefined) return;
      heard();
      gone(join);
      join.handlers.onEnded(new RealtimeError('channel/closed', 'closed by the server'));
    },
    isOpen: () => open,
    open() {
      later(() => {
        open = true;
        for (const listener of [...listeners]) listener.onOpen();
      });
    },
    close() {
      open = false;
      for (const join of [...joined]) gone(join);
      return Promise.resolve();
    },
    probe: heard,
    listen(handlers) {
      listeners.add(handlers);
      return () => listeners.delete(handlers);
    },
    authorize: () => Promise.resolve(),
    join(request, handlers): Join {
      const join: Joined = { request, handlers, open: true, answered: false, subscribed: false };
      joins += 1;
      if ([...joined].some((other) => other.request.topic === request.topic)) clashes.push(request.topic);
      joined.add(join);
      later(() => { if (join.open) answer(join); });
      return {
        presenceCalls: [],
        send: () => Promise.resolve(),
        track: (state) => Promise.resolve(void shared.set(request.topic, state)),
        untrack: () => Promise.resolve(void shared.delete(request.topic)),
        leave: () => new Promise((resolve) => {
          join.open = false; // nothing is reported from here on
          later(() => {
            gone(join);
            resolve();
          });
        }),
      };
    },
  };
}
