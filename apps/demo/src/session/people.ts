/** Somebody one can be in the demo; the accounts are made by `supabase/seed.sql`. */
export interface DemoPerson {
  readonly email: string;
  readonly name: string;
  readonly nameAr: string;
  readonly role: string;
}

/** The password of every demo account. */
export const DEMO_PASSWORD = 'ruwad-demo';

export const DEMO_PEOPLE: readonly DemoPerson[] = [
  { email: 'admin@ruwad.example', name: 'Abdullah Al-Harbi', nameAr: 'عبدالله الحربي', role: 'super_admin' },
  { email: 'sara@ruwad.example', name: 'Sara Al-Qahtani', nameAr: 'سارة القحطاني', role: 'innovator' },
  { email: 'omar@ruwad.example', name: 'Omar Al-Zahrani', nameAr: 'عمر الزهراني', role: 'innovator' },
  { email: 'layla@ruwad.example', name: 'Layla Al-Shammari', nameAr: 'ليلى الشمري', role: 'domain_expert' },
];
