import type { FaultName } from './definitions.ts';
import type { FaultStep, StormOptions } from './faults.ts';
import type { Random } from './random.ts';

/** How a storm uses a fault: parameters for one that lasts `ms`. */
type Sample = (random: Random, ms: number) => Record<string, unknown>;

const lastingFor: Sample = (_, forMs) => ({ forMs });

/** Faults that storms know, each with the parameters it may get. */
const SAMPLES: Partial<Record<FaultName, Sample>> = {
  dropSockets: () => ({}),
  closeSockets: (random) => ({ code: random.pick([1000, 1001, 1011, 1012]) }),
  halfOpen: (random, forMs) => ({ then: random.pick(['heal', 'reset']), forMs }),
  latency: (random, forMs) => ({ ms: random.between(0, 200), jitterMs: random.between(0, 200), forMs }),
  refuseHandshakes: (_, forMs) => ({ by: 'reset', forMs }),
  closeChannels: () => ({}),
  crashChannels: () => ({}),
  refuseJoins: (random, forMs) => ({ count: random.between(1, 3), forMs }),
  expireTokens: lastingFor,
  delaySystemOk: (random, forMs) => ({ ms: random.between(0, forMs), forMs }),
  coldStart: (_, ms) => ({ ms }),
  failSubscriptions: (random, forMs) => ({ count: random.between(1, 3), forMs }),
  recheckPublication: () => ({}),
  skipBatches: (random, forMs) => ({ count: random.between(1, 3), forMs }),
  cutReplication: lastingFor,
  duplicateChanges: (_, forMs) => ({ probability: 0.5, forMs }),
  reorderChannels: lastingFor,
  delayChanges: (random, forMs) => ({ ms: random.between(0, 200), jitterMs: random.between(0, 200), forMs }),
  restartServer: (random, ms) => ({ graceful: random.next() < 0.5, downMs: Math.ceil(ms / 2), coldMs: Math.floor(ms / 2) }),
  restartDatabase: (_, ms) => ({ downMs: Math.ceil(ms / 4), gapMs: Math.floor((ms * 3) / 4) }),
  httpLatency: (random, forMs) => ({ ms: random.between(0, 300), forMs }),
  failRequests: (random, forMs) => ({ status: random.pick([500, 502, 503, 504]), probability: 0.3, forMs }),
  loseResponses: (_, forMs) => ({ probability: 0.2, forMs }),
};

/** What a storm does unless told otherwise: faults that a client recovers from by itself. */
const USUAL: readonly FaultName[] = [
  'dropSockets',
  'closeSockets',
  'halfOpen',
  'latency',
  'crashChannels',
  'delaySystemOk',
  'recheckPublication',
  'skipBatches',
  'cutReplication',
  'duplicateChanges',
  'reorderChannels',
  'delayChanges',
  'restartServer',
  'restartDatabase',
];

/**
 * Writes a script of random faults, whose last one has ended when `forMs` is over.
 * @throws TypeError for a fault that storms do not know, or times that are none
 */
export function stormScript(random: Random, options: StormOptions): FaultStep[] {
  const { forMs = 10_000, everyMs = 1_000, longestMs = 2_000, faults = USUAL, ...others } = options;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw new TypeError(`faults.storm: there is no "${unknown}"; it takes forMs, everyMs, longestMs, faults`);
  return scriptOf(random, { forMs, everyMs, longestMs, faults });
}

function scriptOf(random: Random, { forMs, everyMs, longestMs, faults }: Required<StormOptions>): FaultStep[] {
  for (const [name, ms] of Object.entries({ forMs, everyMs, longestMs })) {
    if (!(Number.isFinite(ms) && ms > 0)) throw new TypeError(`faults.storm: "${name}" takes a number of milliseconds over 0, not ${String(ms)}`);
  }
  if (!isList(faults)) throw new TypeError('faults.storm: "faults" takes a list of names');
  const samples = faults.map((fault) => [fault, SAMPLES[fault]] as const);
  const [first, ...rest] = samples;
  const strange = samples.find(([, sample]) => sample === undefined);
  if (strange !== undefined) throw new TypeError(`faults.storm: "faults" takes names of ${Object.keys(SAMPLES).join(', ')}, not ${JSON.stringify(strange[0])}`);
  if (first === undefined) throw new TypeError('faults.storm: "faults" takes at least one name');

  const script: FaultStep[] = [];
  // Times between faults are exponential, as of things that happen independently.
  const wait = () => Math.round(-Math.log(1 - random.next()) * everyMs);
  for (let atMs = wait(); atMs < forMs; atMs += wait()) {
    const [fault, sample] = random.pick([first, ...rest]);
    const ms = random.between(1, Math.max(1, Math.floor(Math.min(longestMs, forMs - atMs))));
    script.push({ atMs, fault, parameters: sample?.(random, ms) ?? {} });
  }
  return script;
}

/** Also true of what the control endpoint was sent, where no type was checked. */
function isList(value: unknown): boolean {
  return Array.isArray(value);
}
