import { config } from '../config.ts';
import type { Messages } from '../i18n/ar.ts';
import { inLanguage, textOf } from '../i18n/inLanguage.ts';
import { DEMO_PEOPLE, type DemoPerson } from '../session/people.ts';
import type { SessionProblem, SessionState } from '../session/session.ts';
import { initialOf } from '../view/names.ts';
import { Brand } from './Brand.tsx';
import { useApp, useLocale } from './context.ts';
import { LanguageButton } from './LanguageButton.tsx';

/** Who do you want to be? One button a person. */
export function SignIn({ state }: { state: Exclude<SessionState, { status: 'signed-in' }> }) {
  const { t } = useLocale();
  return (
    <main className="signin">
      <div className="signin-head">
        <Brand />
        <LanguageButton />
      </div>
      <h1>{t.signIn.title}</h1>
      <p>{t.signIn.lead}</p>
      {state.status === 'signed-out' && state.problem && (
        <p className="notice" data-tone="failed" role="alert">
          {textOfProblem(state.problem, t)}
        </p>
      )}
      {state.status === 'restoring' || state.status === 'signing-out' ? (
        <p role="status">{state.status === 'restoring' ? t.signIn.restoring : t.signIn.signingOut}</p>
      ) : (
        <ul className="signin-people">
          {DEMO_PEOPLE.map((person) => (
            <li key={person.email}>
              <PersonButton person={person} busy={state.status === 'signing-in' ? state.email : null} />
            </li>
          ))}
        </ul>
      )}
    </main>
  );
}

function PersonButton({ person, busy }: { person: DemoPerson; busy: string | null }) {
  const { session } = useApp();
  const { t, language } = useLocale();
  const name = inLanguage(language, person.nameAr, person.name);
  return (
    <button type="button" className="signin-person" disabled={busy !== null} aria-label={t.signIn.as(name)} onClick={() => void session.signIn(person.email)}>
      <span className="avatar" aria-hidden="true">
        {initialOf(name)}
      </span>
      <span>
        <strong>{name}</strong>
        <small>{busy === person.email ? t.signIn.signingIn : textOf(t.roles, person.role)}</small>
      </span>
      <svg width="20" height="20" viewBox="0 0 20 20" fill="none" stroke="currentColor" strokeWidth="1.75" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
        <path d="M7.5 4.500l5.500 5.500-5.500 5.500" />
      </svg>
    </button>
  );
}

function textOfProblem(problem: SessionProblem, t: Messages): string {
  if (problem.kind === 'unreachable') return t.signIn.unreachable(config.url);
  return problem.kind === 'ended' ? t.signIn.ended : t.signIn.refused(problem.reason);
}
