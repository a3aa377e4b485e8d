import type { PresentUser } from 'dms-live-react';

/** What somebody is about to do, by the word that is announced. */
const ACTIONS: Readonly<Record<string, string>> = {
  approve: 'approving this',
  reject: 'rejecting this',
  'send-back': 'sending this back',
  'allocate-storage': 'allocating storage',
  issue: 'issuing this',
  return: 'taking this back',
  correct: 'correcting this',
  relocate: 'moving this',
};

type Person = Pick<PresentUser, 'name' | 'doing' | 'action'>;

export const nameOfPerson = ({ name }: Pick<Person, 'name'>): string => name ?? 'Somebody';

function whatOf({ doing, action }: Person): string {
  if (doing === 'LOOKING') return 'looking at this';
  return ACTIONS[action ?? ''] ?? 'about to change this';
}

/** `Peter Osei is approving this` */
export const describePerson = (person: Person): string => `${nameOfPerson(person)} is ${whatOf(person)}`;

/** One sentence about all who are there; who is about to act comes first. Empty: nobody is there. */
export function describePeople(people: readonly Person[]): string {
  const [first, ...others] = actingFirst(people);
  if (first === undefined) return '';
  if (others.length === 0) return describePerson(first);
  if (first.doing === 'ACTING') return `${describePerson(first)}, ${countOf(others.length)} here`;
  const [second] = others;
  const rest = others.length === 1 && second ? nameOfPerson(second) : `${others.length} others`;
  return `${nameOfPerson(first)} and ${rest} are looking at this`;
}

const countOf = (others: number): string => (others === 1 ? '1 other' : `${others} others`);

export function actingFirst<Somebody extends Person>(people: readonly Somebody[]): readonly Somebody[] {
  return [...people].sort((one, other) => rank(one) - rank(other));
}

const rank = ({ doing }: Person): number => (doing === 'ACTING' ? 0 : 1);

/** `Peter Osei` → `PO` */
export function initialsOf(person: Pick<Person, 'name'>): string {
  const words = nameOfPerson(person).split(/\s+/).filter(Boolean);
  const [first = '', last = ''] = [words.at(0), words.length > 1 ? words.at(-1) : undefined];
  return `${[...first][0] ?? ''}${[...last][0] ?? ''}`.toUpperCase();
}
