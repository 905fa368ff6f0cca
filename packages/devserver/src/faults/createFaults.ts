import { randomInt } from 'node:crypto';
import type { Logger } from '../logger.ts';
import { Connections } from './connections.ts';
import { DEFINITIONS, isFaultName, type FaultName } from './definitions.ts';
import type { FaultDefinition, World } from './fault.ts';
import type { ActiveFault, FaultMethods, FaultRecord, Faults, FaultStep, Storm, StormOptions } from './faults.ts';
import { readParameters } from './parameters.ts';
import { Random } from './random.ts';
import { RunningFault } from './runningFault.ts';
import { stormScript } from './storm.ts';

/** Options of {@link createFaults}. */
export interface FaultsOptions extends Omit<World, 'connections'> {
  /** See {@link faultSeed}. */
  seed: number;
  logger: Logger;
}

/** Faults as the server has them: by method, and by name for the control endpoint. */
export interface FaultControl extends Faults {
  /** @throws TypeError for a name that there is not, or wrong parameters */
  start(name: string, parameters: unknown): Promise<object>;
}

/** Whether what {@link FaultControl.start} gave lasts. */
export function isActiveFault(result: object): result is ActiveFault {
  return 'stop' in result;
}

/** What the history keeps; older records go. */
const MOST_RECORDS = 10_000;
const LARGEST_SEED = 2 ** 32 - 1;

/**
 * The seed asked for, or a random one.
 * @throws TypeError for one that is no whole number of 32 bits
 */
export function faultSeed(asked: number = randomInt(LARGEST_SEED)): number {
  if (Number.isInteger(asked) && asked >= 0 && asked <= LARGEST_SEED) return asked;
  throw new TypeError(`faults: "seed" takes a whole number from 0 to ${LARGEST_SEED}, not ${String(asked)}`);
}

/** Faults on what a server is made of. */
export function createFaults({ seed, logger, ...world }: FaultsOptions): FaultControl {
  const runner = new Runner({ ...world, connections: new Connections(world.time) }, seed, logger);
  const names = Object.keys(DEFINITIONS);
  // True by the registry: it has one definition per method, which takes the method's options and gives its result.
  const methods = Object.fromEntries(names.map((name) => [name, (parameters?: unknown) => runner.start(name, parameters)])) as unknown as FaultMethods;
  return {
    ...methods,
    seed,
    get active() {
      return runner.active;
    },
    get history() {
      return runner.history;
    },
    start: (name, parameters) => runner.start(name, parameters),
    storm: (options) => runner.storm(options),
    replay: (script) => runner.replay(script),
    clear: () => runner.clear(),
  };
}

class Runner {
  readonly #world: World;
  readonly #seed: number;
  readonly #logger: Logger;
  readonly #random: Random;
  readonly #startMs: number;
  readonly #active = new Set<RunningFault>();
  readonly #history: FaultRecord[] = [];
  #started = 0;

  constructor(world: World, seed: number, logger: Logger) {
    this.#world = world;
    this.#seed = seed;
    this.#logger = logger;
    this.#random = new Random(seed);
    this.#startMs = world.time.now();
  }

  get active(): readonly RunningFault[] {
    return [...this.#active];
  }

  get history(): readonly FaultRecord[] {
    return [...this.#history];
  }

  async start(name: string, given: unknown): Promise<object> {
    if (!isFaultName(name)) throw new TypeError(`faults: there is no "${name}"; there are ${Object.keys(DEFINITIONS).join(', ')}`);
    const definition: FaultDefinition = DEFINITIONS[name];
    const parameters = readParameters(name, definition.parameters, given);
    const run = this.#newRun(name, parameters);
    this.#record('start', run);
    if (definition.kind === 'once') return definition.strike(this.#world, parameters);
    this.#active.add(run);
    try {
      await run.begin((it) => definition.begin(this.#world, parameters, it));
    } catch (error) {
      this.#active.delete(run);
      throw error;
    }
    return run;
  }

  async storm(options: StormOptions = {}): Promise<Storm> {
    return this.#follow(stormScript(this.#random.fork(this.#started), options), { ...options });
  }

  async replay(script: readonly FaultStep[]): Promise<Storm> {
    const steps = script.filter((step) => !('event' in step) || step.event === 'start');
    for (const { fault, parameters } of steps) {
      if (!isFaultName(fault)) throw new TypeError(`faults.replay: there is no fault ${JSON.stringify(fault)}`);
      readParameters(fault, DEFINITIONS[fault].parameters, parameters);
    }
    return this.#follow(steps, { steps: steps.length });
  }

  /** Ends the newest first, as they lie one upon another. */
  async clear(): Promise<void> {
    for (const run of [...this.#active].reverse()) await run.stop();
  }

  async #follow(script: readonly FaultStep[], parameters: Record<string, unknown>): Promise<Storm> {
    const run = this.#newRun('storm', parameters);
    this.#active.add(run);
    const mine: RunningFault[] = [];
    await run.begin(() => {
      let left = script.length;
      const done = () => (left -= 1) === 0 && run.end();
      for (const { atMs, fault, parameters: given } of script) {
        run.timers.after(atMs, () => {
          run.hit();
          void this.#play(run, fault, given, mine).finally(done);
        });
      }
      if (left === 0) run.timers.after(0, () => run.end());
      return async () => {
        for (const fault of mine.reverse()) await fault.stop();
      };
    });
    return Object.assign(run, { name: 'storm' as const, script });
  }

  /** Starts one fault of a script, and waits for its end. */
  async #play(storm: RunningFault, fault: FaultName, parameters: unknown, mine: RunningFault[]): Promise<void> {
    try {
      const result = await this.start(fault, parameters);
      if (!(result instanceof RunningFault)) return;
      if (storm.over) return await result.stop();
      mine.push(result);
      await result.ended;
    } catch (error) {
      this.#report(error);
    }
  }

  #newRun(name: FaultName | 'storm', parameters: Record<string, unknown>): RunningFault {
    if (this.#started === 0) this.#logger.info(`faults: seed ${this.#seed} – start with faults: { seed: ${this.#seed} } to repeat`);
    this.#started += 1;
    const run = new RunningFault({
      id: `${name}-${this.#started}`,
      name,
      parameters,
      random: this.#random.fork(this.#started),
      timers: this.#world.time.timers(),
      onEnd: () => {
        this.#active.delete(run);
        this.#record('end', run);
      },
      onError: (error) => this.#report(error),
    });
    return run;
  }

  #record(event: FaultRecord['event'], { id, name, parameters }: RunningFault): void {
    this.#logger.debug(`fault ${id}: ${event}`, parameters);
    if (name === 'storm') return;
    this.#history.push({ atMs: this.#world.time.now() - this.#startMs, event, id, fault: name, parameters });
    if (this.#history.length > MOST_RECORDS) this.#history.shift();
  }

  #report(error: unknown): void {
    this.#logger.error('a fault failed', { error: error instanceof Error ? error.message : String(error) });
  }
}
