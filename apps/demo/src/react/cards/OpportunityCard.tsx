import { opportunityPresence, type Collaborator, type OpportunityStatus } from '@ruwad/realtime-core/ruwad';
import { useOpportunityPresence, useStore } from '@ruwad/realtime-react';
import { useId } from 'react';
import { codeChoices, titleChoices } from '../../view/choices.ts';
import { initialOf, nameOf } from '../../view/names.ts';
import { positionIn } from '../../view/pointer.ts';
import { Card } from '../Card.tsx';
import { Choice } from '../Choice.tsx';
import { CommandError } from '../CommandError.tsx';
import { useLocale, useWorkspace } from '../context.ts';
import { useCommand } from '../useCommand.ts';

const FIELD = 'title';

/** Channel 6: who is on one opportunity, where, and what they are at. */
export function OpportunityCard() {
  const { t, language } = useLocale();
  const { me, opportunities, opportunityId: chosen } = useWorkspace();
  const opportunityId = useStore(chosen);
  const room = useOpportunityPresence(opportunityId);
  const self = room.onlineUsers.find(({ userId }) => userId === me.id);
  const section = self?.section ?? 'overview';
  const status = useCommand(room.updatePresenceStatus);
  const move = useCommand(room.updateSection);
  return (
    <Card
      id="opportunity-presence"
      topic={opportunityPresence.topic({ opportunityId })}
      state={room}
      control={
        <>
          <Choice label={t.opportunity.opportunity} value={opportunityId} options={titleChoices(opportunities, language)} onChoose={(id) => chosen.set(id)} />
          <Choice
            label={t.opportunity.section}
            value={section}
            options={codeChoices<string>(t.opportunity.sections)}
            onChoose={(next) => void move.run(next)}
          />
          <Choice<OpportunityStatus>
            label={t.opportunity.status}
            value={self?.status ?? 'viewing'}
            options={codeChoices(t.opportunity.statuses)}
            onChoose={(next) => void status.run(next)}
          />
          <CommandError error={status.error ?? move.error} />
        </>
      }
    >
      <h4>{t.opportunity.here(room.userCount)}</h4>
      <ul className="people">
        {room.onlineUsers.map((person) => (
          <PersonHere key={person.userId} person={person} />
        ))}
      </ul>
      <SharedField editor={room.editedFields[FIELD] ?? null} onFocus={(action) => room.notifyFieldFocus(FIELD, action)} />
      <PointerArea room={room} section={section} />
    </Card>
  );
}

function PersonHere({ person }: { person: Collaborator }) {
  const { t, language } = useLocale();
  const { people } = useWorkspace();
  const name = nameOf(people, person.userId, language, person.name);
  const sections: Readonly<Record<string, string>> = t.opportunity.sections;
  return (
    <li className="person">
      <span className="avatar" aria-hidden="true">
        {initialOf(name)}
      </span>
      <span>
        {name}
        <small>
          {t.opportunity.statuses[person.status]} · {sections[person.section] ?? person.section}
        </small>
      </span>
    </li>
  );
}

function SharedField({ editor, onFocus }: { editor: string | null; onFocus: (action: 'focus' | 'blur') => void }) {
  const { t, language } = useLocale();
  const { people } = useWorkspace();
  const field = useId();
  return (
    <div className="field">
      <label htmlFor={field}>{t.opportunity.field}</label>
      <input id={field} placeholder={t.opportunity.fieldHint} aria-describedby={`${field}-editor`} onFocus={() => onFocus('focus')} onBlur={() => onFocus('blur')} />
      <p id={`${field}-editor`} className="typing">
        {editor !== null && t.opportunity.editing(nameOf(people, editor, language, t.common.someone))}
      </p>
    </div>
  );
}

function PointerArea({ room, section }: { room: Pick<ReturnType<typeof useOpportunityPresence>, 'cursors' | 'moveCursor'>; section: string }) {
  const { t, language } = useLocale();
  const { people } = useWorkspace();
  const cursors = room.cursors.filter((cursor) => cursor.section === section);
  return (
    <div className="cursors" onPointerMove={(event) => room.moveCursor(section, positionIn(event.currentTarget, event))}>
      <p>{t.opportunity.pointer}</p>
      {cursors.map(({ userId, x, y }) => (
        <div key={userId} className="cursor" style={{ left: `${String(x * 100)}%`, top: `${String(y * 100)}%` }}>
          <svg width="12" height="14" viewBox="0 0 12 14" fill="currentColor" aria-hidden="true">
            <path d="M0 0l12 7-5 1.500-2.500 5z" />
          </svg>
          <span>{nameOf(people, userId, language, t.common.someone)}</span>
        </div>
      ))}
    </div>
  );
}
