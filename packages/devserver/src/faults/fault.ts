import type { Database } from '../database/database.ts';
import type { Time, Timers } from '../lib/time.ts';
import type { Realtime } from '../realtime/createRealtime.ts';
import type { Connections } from './connections.ts';
import type { HttpSeam } from './httpSeam.ts';
import type { ParameterSpecs, ValuesOf } from './parameters.ts';
import type { Random } from './random.ts';
import type { ExpirableTokens } from './tokenExpiry.ts';

/** What faults work on. */
export interface World {
  realtime: Realtime;
  db: Database;
  tokens: ExpirableTokens;
  http: HttpSeam;
  connections: Connections;
  /** Unscaled: a fault lasts as long as it was asked to. */
  time: Time;
}

/** A fault on its way from its start to its end. */
export interface Run {
  readonly random: Random;
  /** Cleared at its end. */
  readonly timers: Timers;
  /** Counts what it hit, which `hits` tells. */
  hit(times?: number): void;
  /** Whether it strikes now, by its `probability` and `count`. Counts it, and ends the fault after the last time. */
  strikes(): boolean;
  /** Ends it. */
  end(): void;
}

/** Takes a fault back; what it held up goes on. */
export type Undo = () => void | Promise<void>;

/** A fault that strikes once, at once, and tells what it hit. */
export interface OnceDefinition<Specs extends ParameterSpecs = ParameterSpecs, Hit extends object = object> {
  readonly kind: 'once';
  readonly summary: string;
  readonly parameters: Specs;
  strike(world: World, parameters: ValuesOf<Specs>): Hit | Promise<Hit>;
}

/** A fault that lasts until it is stopped, or until its `count` or `forMs` is over. */
export interface LastingDefinition<Specs extends ParameterSpecs = ParameterSpecs> {
  readonly kind: 'lasting';
  readonly summary: string;
  readonly parameters: Specs;
  begin(world: World, parameters: ValuesOf<Specs>, run: Run): Undo | Promise<Undo>;
}

// The specs of one definition are erased where all are kept together; `readParameters` makes the values that fit them.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type FaultDefinition = OnceDefinition<any> | LastingDefinition<any>;

export function once<Specs extends ParameterSpecs, Hit extends object>(definition: Omit<OnceDefinition<Specs, Hit>, 'kind'>): OnceDefinition<Specs, Hit> {
  return { kind: 'once', ...definition };
}

export function lasting<Specs extends ParameterSpecs>(definition: Omit<LastingDefinition<Specs>, 'kind'>): LastingDefinition<Specs> {
  return { kind: 'lasting', ...definition };
}
