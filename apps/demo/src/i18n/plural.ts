/** The forms a language may need; `other` serves every category that is left out. */
export type PluralForms = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };

/** Makes the function that picks the form for a count by the rules of `locale`; a `#` in the form stands for the number. */
export function pluralFor(locale: string): (count: number, forms: PluralForms) => string {
  const rules = new Intl.PluralRules(locale);
  return (count, forms) => (forms[rules.select(count)] ?? forms.other).replace('#', String(count));
}
