import { globalPresence } from '@ruwad/realtime-core/ruwad';
import { useGlobalPresence } from '@ruwad/realtime-react';
import { textOf } from '../../i18n/inLanguage.ts';
import { codeChoices } from '../../view/choices.ts';
import { initialOf, nameOf } from '../../view/names.ts';
import { Card } from '../Card.tsx';
import { Choice } from '../Choice.tsx';
import { CommandError } from '../CommandError.tsx';
import { useLocale, useWorkspace } from '../context.ts';
import { Empty } from '../Empty.tsx';
import { useCommand } from '../useCommand.ts';

/** Channel 8: who is on the platform, and on which page. */
export function PresenceCard() {
  const { t, language, format } = useLocale();
  const { me, people } = useWorkspace();
  const presence = useGlobalPresence();
  const move = useCommand(presence.updateLocation);
  const self = presence.onlineUsers.find(({ userId }) => userId === me.id);
  return (
    <Card
      id="global-presence"
      topic={globalPresence.topic()}
      state={presence}
      control={
        <>
          <Choice
            label={t.presence.location}
            value={self?.page ?? '/'}
            options={codeChoices<string>(t.presence.locations)}
            onChoose={(page) => void move.run({ page })}
          />
          <CommandError error={move.error} />
        </>
      }
    >
      <dl className="figures">
        <div className="figure" data-figure="online">
          <dt>{t.presence.online}</dt>
          <dd>{format.number(presence.totalOnline)}</dd>
        </div>
      </dl>
      {presence.onlineUsers.length === 0 && <Empty state={presence} />}
      <ul className="people">
        {presence.onlineUsers.map(({ userId, name: claimed, role, page }) => {
          const name = nameOf(people, userId, language, claimed);
          return (
            <li key={userId} className="person">
              <span className="avatar" aria-hidden="true">
                {initialOf(name)}
              </span>
              <span>
                {name}
                <small>
                  {textOf(t.roles, role)} · {textOf(t.presence.locations, page)}
                </small>
              </span>
            </li>
          );
        })}
      </ul>
    </Card>
  );
}
