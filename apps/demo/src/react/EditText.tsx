import { useState, type SubmitEvent } from 'react';
import { CommandError } from './CommandError.tsx';
import { useLocale } from './context.ts';
import { useCommand } from './useCommand.ts';

interface EditTextProps {
  /** The text to begin with. */
  text: string;
  /** What the button that saves says. */
  save: string;
  onSave: (text: string) => Promise<unknown>;
  /** Called when it is saved, and when it is given up. */
  onClose: () => void;
}

/** A form that changes one text. */
export function EditText({ text, save, onSave, onClose }: EditTextProps) {
  const { t } = useLocale();
  const [content, setContent] = useState(text);
  const saving = useCommand(onSave);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (content.trim() !== '' && (await saving.run(content.trim()))) onClose();
  };
  return (
    <form className="edit-text" onSubmit={(event) => void submit(event)}>
      <label className="field">
        <span className="visually-hidden">{t.outbox.edited}</span>
        <input dir="auto" autoFocus value={content} maxLength={5000} onChange={(event) => setContent(event.target.value)} />
      </label>
      <button type="submit" className="button primary" disabled={saving.pending}>
        {save}
      </button>
      <button type="button" className="button" onClick={onClose}>
        {t.common.cancel}
      </button>
      <CommandError error={saving.error} />
    </form>
  );
}
