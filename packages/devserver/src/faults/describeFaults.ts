import { DEFINITIONS } from './definitions.ts';

/** A fault in words. */
export interface FaultDescription {
  name: string;
  /** Whether it strikes once, or lasts until it is stopped. */
  kind: 'once' | 'lasting';
  summary: string;
  parameters: { name: string; about: string; takes: string; required: boolean }[];
}

/** All faults in words, from the same definitions that run. */
export function describeFaults(): FaultDescription[] {
  return Object.entries(DEFINITIONS).map(([name, { kind, summary, parameters }]) => ({
    name,
    kind,
    summary,
    parameters: Object.entries(parameters).map(([parameter, { about, takes, required }]) => ({ name: parameter, about, takes, required })),
  }));
}

/** {@link describeFaults} for a terminal. */
export function faultsHelp(): string {
  const faults = describeFaults().map(({ name, kind, summary, parameters }) => {
    const width = Math.max(0, ...parameters.map((parameter) => parameter.name.length));
    const lines = parameters.map((parameter) => `    ${parameter.name.padEnd(width)}  ${parameter.required ? '(required) ' : ''}${parameter.about}; takes ${parameter.takes}`);
    return [`${name} (${kind})`, `  ${summary}`, ...lines].join('\n');
  });
  return `Faults of server.faults, and of POST /_control/faults/<name> with --control:\n\n${faults.join('\n\n')}\n`;
}
