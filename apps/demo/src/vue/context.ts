import { useStore } from '@ruwad/realtime-vue';
import { inject, type ComputedRef, type InjectionKey } from 'vue';
import type { LanguageSwitch, Locale } from '../i18n/language.ts';
import type { Workspace } from '../workspace/workspace.ts';

/** What the Vue app is given by the page it stands on. */
export interface ColumnParts {
  readonly workspace: Workspace;
  readonly language: LanguageSwitch;
}

export const columnKey: InjectionKey<ColumnParts> = Symbol('column');

/** What the signed-in person shares with every card. */
export function useWorkspace(): Workspace {
  return parts().workspace;
}

/** The language being spoken. */
export function useLocale(): ComputedRef<Locale> {
  return useStore(parts().language.store);
}

function parts(): ColumnParts {
  const given = inject(columnKey);
  if (!given) throw new Error('This component needs the app that mountVueColumn makes.');
  return given;
}
