/** What happened in a run, to be told when it fails. */
export interface Journal {
  note(what: string, ...details: unknown[]): void;
  /** A line for each event, with the time since the first. */
  tell(): string;
}

const LONGEST = 400;

export function createJournal(): Journal {
  const lines: string[] = [];
  const began = Date.now();
  return {
    note(what, ...details) {
      const texts = details.map((detail) => (typeof detail === 'string' ? detail : JSON.stringify(detail)));
      lines.push(`${String(Date.now() - began).padStart(7)} ms  ${[what, ...texts].join(' ').slice(0, LONGEST)}`);
    },
    tell: () => lines.join('\n'),
  };
}
