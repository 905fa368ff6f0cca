/** What the process with the clients is asked to do; each order is answered with its `id`. */
export type Order =
  | { id: number; what: 'open'; group: string; url: string; openings: (string | null)[]; ready: string }
  | { id: number; what: 'received'; group: string; total: number }
  | { id: number; what: 'frameBytes'; group: string }
  | { id: number; what: 'close'; group: string }
  | { id: number; what: 'broadcast'; group: string; frame: string; bursts: number; size: number };

/** An order carried out. */
export interface Done {
  id: number;
  /** The number asked for, if one was. */
  value?: number;
  /** Why it was not, if so. */
  error?: string;
}
