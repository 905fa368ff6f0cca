import { RealtimeError, type RealtimeClient } from '@ruwad/realtime-core';
import { createContext, useContext, type ReactNode } from 'react';

const RealtimeContext = createContext<RealtimeClient | null>(null);

/** Props of {@link RealtimeProvider}. */
export interface RealtimeProviderProps {
  /** The client of the signed-in user, made once with `createRealtimeClient`; the app disposes it on sign-out. */
  client: RealtimeClient;
  children?: ReactNode;
}

/** Gives every hook below it the realtime client. It opens nothing by itself: the first subscribed hook does. */
export function RealtimeProvider({ client, children }: RealtimeProviderProps) {
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
