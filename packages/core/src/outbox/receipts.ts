import { RealtimeError } from '../errors.ts';
import { createStore, type WritableStore } from '../store/store.ts';
import type { Receipt, ReceiptState, StoredFailure } from './types.ts';

/** Receipts of the actions this page enqueued, until they are settled. */
export interface Receipts {
  /** Makes the receipt of an action that is stored. */
  issue(id: string): Receipt<unknown>;
  /** Back in the queue, or being sent. */
  move(id: string, status: 'stored' | 'sending'): void;
  confirm(id: string, output: unknown): void;
  fail(id: string, failure: StoredFailure): void;
  discard(id: string): void;
  /** Nothing more will be heard: what is stored is left to a later page. */
  end(): void;
}

interface Issued {
  readonly store: WritableStore<ReceiptState<unknown>>;
  readonly resolve: (output: unknown) => void;
  readonly reject: (error: RealtimeError) => void;
}

/** Makes the receipts of one outbox. */
export function createReceipts(): Receipts {
  const issued = new Map<string, Issued>();
  let ended = false;
  const set = (id: string, next: Partial<ReceiptState<unknown>>): Issued | undefined => {
    const receipt = issued.get(id);
    receipt?.store.set({ ...receipt.store.get(), ...next });
    return receipt;
  };
  const refuse = (id: string, error: RealtimeError): void => {
    set(id, { status: 'failed', error })?.reject(error);
  };
  const leave = (): void => {
    for (const [id, { reject }] of issued) reject(new RealtimeError('client/disposed', `action ${id} stays in the queue; the client was disposed`));
    issued.clear();
  };
  return {
    issue(id) {
      const store = createStore<ReceiptState<unknown>>({ status: 'stored', output: undefined, error: null });
      const confirmed = new Promise<unknown>((resolve, reject) => {
        issued.set(id, { store, resolve, reject });
      });
      confirmed.catch(() => undefined); // need not be handled
      if (ended) leave();
      return { id, store, confirmed };
    },
    move(id, status) {
      set(id, { status, error: null });
    },
    confirm(id, output) {
      set(id, { status: 'confirmed', output, error: null })?.resolve(output);
      issued.delete(id);
    },
    fail(id, failure) {
      refuse(id, failureError(failure));
    },
    discard(id) {
      refuse(id, new RealtimeError('outbox/discarded', 'the action was not done; it was discarded'));
      issued.delete(id);
    },
    end() {
      ended = true;
      leave();
    },
  };
}

/** A stored failure as an error. */
function failureError(failure: StoredFailure): RealtimeError {
  return new RealtimeError('outbox/failed', `the action was not done; ${failure.message}`, { cause: failure });
}
