import { useStore } from '@ruwad/realtime-react';
import { createContext, useContext } from 'react';
import type { LanguageSwitch, Locale } from '../i18n/language.ts';
import type { Session } from '../session/session.ts';
import type { Workspace } from '../workspace/workspace.ts';

/** The parts of the app that live as long as the page. */
export interface AppParts {
  readonly session: Session;
  readonly language: LanguageSwitch;
}

export const AppContext = createContext<AppParts | null>(null);
export const WorkspaceContext = createContext<Workspace | null>(null);

/** The app's session and language switch. */
export function useApp(): AppParts {
  const app = useContext(AppContext);
  if (!app) throw new Error('useApp needs <AppContext> above it.');
  return app;
}

/** The language being spoken. */
export function useLocale(): Locale {
  return useStore(useApp().language.store);
}

/** What the signed-in person shares with every card. */
export function useWorkspace(): Workspace {
  const workspace = useContext(WorkspaceContext);
  if (!workspace) throw new Error('useWorkspace needs <WorkspaceContext> above it.');
  return workspace;
}
