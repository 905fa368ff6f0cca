/** What {@link PlatformSignals} reports. */
export interface SignalListener {
  readonly onOnline: () => void;
  readonly onOffline: () => void;
  /** Somebody may be back: the page got the focus, became visible, or came out of the back/forward cache or a freeze. */
  readonly onWake: () => void;
}

/** What the platform says about the network and the page. */
export interface PlatformSignals {
  /** False only when the platform says that there is no network; true where it does not say. */
  isOnline(): boolean;
  /** Whether nobody can see the page: the platform then runs timers up to a minute late. */
  isHidden(): boolean;
  /** Reports until the returned function is called. */
  watch(listener: SignalListener): () => void;
}

/** The signals of a browser page; always online and never asleep elsewhere. */
export const platformSignals: PlatformSignals = {
  isOnline: () => typeof navigator === 'undefined' || (navigator as { onLine?: boolean }).onLine !== false,
  isHidden: () => typeof document !== 'undefined' && document.visibilityState === 'hidden',
  watch({ onOnline, onOffline, onWake }) {
    if (typeof window === 'undefined' || typeof window.addEventListener !== 'function') return () => undefined;
    const listening = new AbortController();
    const on = (target: EventTarget, type: string, listener: () => void): void => {
      target.addEventListener(type, listener, { signal: listening.signal });
    };
    on(window, 'online', onOnline);
    on(window, 'offline', onOffline);
    on(window, 'focus', onWake);
    on(window, 'pageshow', onWake);
    on(document, 'resume', onWake);
    on(document, 'visibilitychange', () => {
      if (document.visibilityState === 'visible') onWake();
    });
    return () => {
      listening.abort();
    };
  },
};
