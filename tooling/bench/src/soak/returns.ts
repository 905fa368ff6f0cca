import { contestOfMany, pairsOf, percentile, type Pair } from '../measure.ts';
import { costLine, limitLine, type Line } from '../report.ts';
import { startBackend, type Backend } from './backend.ts';
import { ours, raw, type Subject, type SubjectOptions } from './subjects.ts';

type Create = (backend: Backend, options: SubjectOptions) => Subject;

/** Rounds of one client: waiting has chance in it. */
const ROUNDS = 11;
const CROWD_ROUNDS = 5;
const CROWD = 40;
/** What a crowd that stayed connected to a living server has to be spread over. */
const SPREAD_MS = 500;

/** One client whose socket the server resets: when its channel is subscribed again. */
export async function reconnect(): Promise<Line[]> {
  const lone = await inTurn(1, ROUNDS);
  const times = pairs(lone, (returns) => Math.max(...returns));
  const slowest: Pair = { ours: Math.max(...times.map((pair) => pair.ours)), floor: Math.max(...times.map((pair) => pair.floor)) };
  const subject = (what: string) => ({ goal: 'G10', what, unit: 'ms' });
  return [costLine(subject('a socket is dropped: subscribed again'), times, 1.1), costLine(subject(`the slowest of ${ROUNDS} times`), [slowest], null)];
}

/** Many clients whose sockets the server resets together, while it goes on: how they are spread when they are subscribed again. */
export async function spread(): Promise<Line[]> {
  const crowd = await inTurn(CROWD, CROWD_ROUNDS);
  const subject = (what: string) => ({ goal: 'G10', what: `${CROWD} sockets are dropped together: ${what}`, unit: 'ms' });
  return [
    limitLine(subject('from the first to the last subscribed again'), pairs(crowd, (returns) => Math.max(...returns) - Math.min(...returns)), { atLeast: SPREAD_MS }),
    costLine(subject('half of them are subscribed again'), pairs(crowd, (returns) => percentile(returns, 0.5)), null),
  ];
}

/** Both sides' returns, a list of all clients' for every round. */
async function inTurn(clients: number, rounds: number): Promise<Record<'ours' | 'raw', number[][]>> {
  const backend = await startBackend();
  try {
    return await contestOfMany({ ours: () => dropped(ours, backend, clients), raw: () => dropped(raw, backend, clients) }, { rounds });
  } finally {
    await backend.close();
  }
}

function pairs({ ours: mine, raw: theirs }: Record<'ours' | 'raw', number[][]>, of: (returns: number[]) => number): Pair[] {
  return pairsOf({ ours: mine.map(of), raw: theirs.map(of) }, 'ours', 'raw');
}

/** When each of the clients is subscribed again, in ms since the server was told to drop their sockets. */
async function dropped(create: Create, backend: Backend, clients: number): Promise<number[]> {
  const held = await Promise.all(Array.from({ length: clients }, () => hold(create, backend)));
  const from = performance.now();
  const returns = Promise.all(held.map(async ({ rejoined, subject }) => {
    await rejoined();
    await subject.live();
    return performance.now() - from;
  }));
  await backend.drop();
  const after = await returns;
  await Promise.all(held.map(({ subject }) => subject.close()));
  return after;
}

/** A client with all that a channel has, live for a while by its own clock. */
async function hold(create: Create, backend: Backend): Promise<{ subject: Subject; rejoined: () => Promise<void> }> {
  let onJoin = (): void => undefined;
  const subject = create(backend, { eager: false, isFull: true, onJoin: () => { onJoin(); } });
  subject.subscribe();
  await subject.live();
  subject.rest();
  return { subject, rejoined: () => new Promise((resolve) => (onJoin = resolve)) };
}
