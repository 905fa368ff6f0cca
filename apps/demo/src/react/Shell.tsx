import { useState } from 'react';
import { inLanguage, textOf } from '../i18n/inLanguage.ts';
import type { Side } from '../view/channels.ts';
import { initialOf } from '../view/names.ts';
import { Brand } from './Brand.tsx';
import { ConnectionBar } from './ConnectionBar.tsx';
import { useApp, useLocale, useWorkspace } from './context.ts';
import { LanguageButton } from './LanguageButton.tsx';
import { OutboxPanel } from './OutboxPanel.tsx';
import { Overview } from './Overview.tsx';
import { QueueStatus } from './QueueStatus.tsx';
import { ReactColumn } from './ReactColumn.tsx';
import { VueColumn } from './VueColumn.tsx';

const SIDES: readonly Side[] = ['react', 'vue'];

/** The signed-in page: who and how connected one is above, the channels in React and in Vue below. */
export function Shell() {
  const { t } = useLocale();
  // Only narrow screens show one side at a time; both stay alive.
  const [side, setSide] = useState<Side>('react');
  return (
    <div className="shell">
      <a className="skip" href="#channels">
        {t.brand.skip}
      </a>
      <header className="topbar">
        <div className="topbar-row">
          <h1>
            <Brand />
          </h1>
          <ConnectionBar />
          <QueueStatus />
          <div className="topbar-end">
            <LanguageButton />
            <Account />
          </div>
        </div>
      </header>
      <OutboxPanel />
      <Overview side={side} />
      <main className="columns" id="channels" tabIndex={-1} data-side={side}>
        <div className="sides" role="group" aria-label={t.sides.label}>
          {SIDES.map((each) => (
            <button key={each} type="button" className="button" aria-pressed={side === each} onClick={() => setSide(each)}>
              {t.sides[each]}
            </button>
          ))}
        </div>
        <ReactColumn />
        <VueColumn />
      </main>
    </div>
  );
}

function Account() {
  const { session } = useApp();
  const { t, language } = useLocale();
  const { me } = useWorkspace();
  const name = inLanguage(language, me.name_ar, me.name);
  return (
    <div className="me">
      <span className="avatar" aria-hidden="true">
        {initialOf(name)}
      </span>
      <div>
        <strong>{name}</strong>
        <small>{textOf(t.roles, me.role)}</small>
      </div>
      <button type="button" className="button" onClick={() => void session.signOut()}>
        {t.signIn.signOut}
      </button>
    </div>
  );
}
