import { eventNotifications } from '@ruwad/realtime-core/ruwad';
import { useRealTimeEvents } from '@ruwad/realtime-react';
import { useState } from 'react';
import { updateEvent } from '../../commands/events.ts';
import { inLanguage, textOf } from '../../i18n/inLanguage.ts';
import { codeChoices, titleChoices } from '../../view/choices.ts';
import { BookmarkButton } from '../BookmarkButton.tsx';
import { Card } from '../Card.tsx';
import { Choice } from '../Choice.tsx';
import { CommandError } from '../CommandError.tsx';
import { useLocale, useWorkspace } from '../context.ts';
import { Empty } from '../Empty.tsx';
import { useCommand } from '../useCommand.ts';

/** Channel 4: the platform's events. */
export function EventsCard() {
  const { t, language, format } = useLocale();
  const { me, supabase } = useWorkspace();
  const calendar = useRealTimeEvents();
  const [chosen, setChosen] = useState('');
  const move = useCommand(updateEvent);
  const event = calendar.events.find(({ id }) => id === chosen) ?? calendar.events[0];
  return (
    <Card
      id="event-notifications"
      topic={eventNotifications.topic()}
      state={calendar}
      control={
        me.isAdmin && event ? (
          <>
            <Choice label={t.events.event} value={event.id} options={titleChoices(calendar.events, language)} onChoose={setChosen} />
            <Choice
              label={t.events.move}
              value={event.status ?? ''}
              options={codeChoices<string>(t.events.status)}
              onChoose={(status) => void move.run(supabase, event.id, { status })}
            />
            <CommandError error={move.error} />
          </>
        ) : (
          <p className="muted">{me.isAdmin ? t.common.loading : t.common.adminsOnly}</p>
        )
      }
    >
      {calendar.events.length === 0 && <Empty state={calendar} />}
      <ul className="list" tabIndex={0}>
        {calendar.events.map(({ id, title_ar, title_en, event_date, status }) => (
          <li key={id} className="item">
            <strong><bdi>{inLanguage(language, title_ar, title_en)}</bdi></strong>
            <span className="tag">{textOf(t.events.status, status)}</span>
            <p>
              <time dateTime={event_date}>{format.date(event_date)}</time>
            </p>
            <div className="item-foot start">
              <BookmarkButton id={id} type="event" title={inLanguage(language, title_ar, title_en)} />
            </div>
          </li>
        ))}
      </ul>
    </Card>
  );
}
