/** What the platform says about the network. */
export interface NetworkSignals {
  /** False only when the platform says that there is no network; true where it does not say. */
  isOnline(): boolean;
  /** Calls `listener` with the new state when it changes, until the returned function is called. */
  watch(listener: (online: boolean) => void): () => void;
}

/** The signals of a browser window; always online elsewhere. */
export const platformNetwork: NetworkSignals = {
  isOnline: () => typeof navigator === 'undefined' || (navigator as { onLine?: boolean }).onLine !== false,
  watch(listener) {
    if (typeof window === 'undefined' || typeof window.addEventListener !== 'function') return () => undefined;
    const online = (): void => {
      listener(true);
    };
    const offline = (): void => {
      listener(false);
    };
    window.addEventListener('online', online);
    window.addEventListener('offline', offline);
    return () => {
      window.removeEventListener('online', online);
      window.removeEventListener('offline', offline);
    };
  },
};
