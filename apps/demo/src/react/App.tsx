import { RealtimeProvider, useStore } from '@ruwad/realtime-react';
import { useApp, WorkspaceContext } from './context.ts';
import { Shell } from './Shell.tsx';
import { SignIn } from './SignIn.tsx';

/** The whole page: the sign-in, or the channels of the person who is signed in. */
export function App() {
  const { session } = useApp();
  const state = useStore(session.store);
  if (state.status !== 'signed-in') return <SignIn state={state} />;
  return (
    <WorkspaceContext value={state.workspace}>
      <RealtimeProvider client={state.workspace.realtime}>
        {/* Another person is another page: nothing of the one before may stay in a form. */}
        <Shell key={state.workspace.me.id} />
      </RealtimeProvider>
    </WorkspaceContext>
  );
}
