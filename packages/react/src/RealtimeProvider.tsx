import { RealtimeError, type RealtimeClient } from '@ruwad/realtime-core';
import { createContext, useContext, useEffect, type ReactNode } from 'react';

const RealtimeContext = createContext<RealtimeClient | null>(null);

/** Props of {@link RealtimeProvider}. */
export interface RealtimeProviderProps {
  /** The client of the signed-in user, made once with `createRealtimeClient`; the app disposes it on sign-out. */
  client: RealtimeClient;
  children?: ReactNode;
}

/**
 * Gives every hook below it the realtime client. It opens no socket by itself: the first subscribed hook does. In a page it
 * has the client's outbox, if there is one, send what earlier pages left.
 */
export function RealtimeProvider({ client, children }: RealtimeProviderProps) {
  useEffect(() => { client.start(); }, [client]);
  return <RealtimeContext.Provider value={client}>{children}</RealtimeContext.Provider>;
}

/**
 * The client of the nearest {@link RealtimeProvider}.
 *
 * @throws RealtimeError `client/missing` outside a provider.
 */
export function useRealtime(): RealtimeClient {
  const client = useContext(RealtimeContext);
  if (client === null) {
    throw new RealtimeError('client/missing', 'No realtime client here; wrap the app in <RealtimeProvider client={…}>');
  }
  return client;
}
