import '@fontsource/ibm-plex-sans-arabic/400.css';
import '@fontsource/ibm-plex-sans-arabic/500.css';
import '@fontsource/ibm-plex-sans-arabic/600.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createLanguageSwitch } from './i18n/language.ts';
import { App } from './react/App.tsx';
import { AppContext } from './react/context.ts';
import { createSession } from './session/session.ts';
import { createSupabase } from './session/supabase.ts';
import './styles/index.css';

const host = document.querySelector('#app');
if (!host) throw new Error('index.html has no #app.');

const parts = { session: createSession(createSupabase()), language: createLanguageSwitch() };

createRoot(host).render(
  <StrictMode>
    <AppContext value={parts}>
      <App />
    </AppContext>
  </StrictMode>,
);
