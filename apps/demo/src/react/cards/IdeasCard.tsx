import { ideaNotifications, type Idea } from '@ruwad/realtime-core/ruwad';
import { useIdeaNotifications } from '@ruwad/realtime-react';
import { useState } from 'react';
import { OWN_IDEA_STATUSES, setIdeaStatus } from '../../commands/ideas.ts';
import { inLanguage, textOf } from '../../i18n/inLanguage.ts';
import { titleChoices } from '../../view/choices.ts';
import { Card } from '../Card.tsx';
import { Choice } from '../Choice.tsx';
import { CommandError } from '../CommandError.tsx';
import { useLocale, useWorkspace } from '../context.ts';
import { Time } from '../Time.tsx';
import { useCommand } from '../useCommand.ts';

/** Channel 5: the innovator's own ideas and what becomes of them. */
export function IdeasCard() {
  const { t, language } = useLocale();
  const feature = useIdeaNotifications();
  return (
    <Card id="idea-notifications" topic={ideaNotifications.topic({ innovatorId: '' })} state={feature} control={<MoveOwnIdea ideas={feature.ideas} />}>
      {feature.ideas.length === 0 && <p className="muted">{feature.status === 'loading' ? t.common.loading : t.ideas.none}</p>}
      <ul className="list" tabIndex={0}>
        {feature.ideas.map(({ id, title_ar, title_en, status, updated_at }) => (
          <li key={id} className="item">
            <strong><bdi>{inLanguage(language, title_ar, title_en)}</bdi></strong>
            <span className="tag">{textOf(t.ideas.status, status)}</span>
            <p>
              <Time at={updated_at} />
            </p>
          </li>
        ))}
      </ul>
    </Card>
  );
}

/** An innovator hands an idea in or takes it back; what happens after that is the reviewers' decision. */
function MoveOwnIdea({ ideas }: { ideas: readonly Idea[] }) {
  const { t, language } = useLocale();
  const { supabase } = useWorkspace();
  const [chosen, setChosen] = useState('');
  const move = useCommand(setIdeaStatus);
  const idea = ideas.find(({ id }) => id === chosen) ?? ideas[0];
  if (!idea) return <p className="muted">{t.ideas.none}</p>;
  return (
    <>
      <Choice label={t.ideas.idea} value={idea.id} options={titleChoices(ideas, language)} onChoose={setChosen} />
      <div className="row">
        {OWN_IDEA_STATUSES.map((status) => (
          <button key={status} type="button" className="button" disabled={idea.status === status || move.pending} onClick={() => void move.run(supabase, idea.id, status)}>
            {t.ideas.own[status]}
          </button>
        ))}
      </div>
      <CommandError error={move.error} />
    </>
  );
}
