/** Someone who works with the simulated DMS. */
export interface Person {
  readonly id: string;
  readonly name: string;
  readonly role: string;
  /** `null`: of no unit, as the System Admin. */
  readonly unitId: string | null;
}

export const UNITS = ['1', '2', '3'] as const;
export type UnitId = (typeof UNITS)[number];

export const UNIT_NAMES: Readonly<Record<UnitId, string>> = {
  '1': 'Finance',
  '2': 'Human Resources',
  '3': 'Legal',
};

/** Who does what in a unit. */
export interface Staff {
  /** Makes the requests. */
  readonly sectionHead: Person;
  /** Also makes requests, fewer of them. */
  readonly clerk: Person;
  /** Checks requests and sends them back. */
  readonly qualityControl: Person;
  /** Approves, allocates, issues, moves crates. */
  readonly storeHead: Person;
}

export const SYSTEM_ADMIN: Person = { id: '1', name: 'Amara Okafor', role: 'System Admin', unitId: null };

export const STAFF: Readonly<Record<UnitId, Staff>> = {
  '1': staff('1', ['Leila Haddad', 'Tomas Novak', 'Grace Lin', 'Peter Osei']),
  '2': staff('2', ['Ravi Menon', 'Elena Petrova', 'Sam Carter', 'Noor Rahman']),
  '3': staff('3', ['Marta Silva', 'Jonas Berg', 'Aiko Tanaka', 'David Mwangi']),
};

function staff(unitId: UnitId, names: readonly [string, string, string, string]): Staff {
  const person = (number: number, name: string, role: string): Person => ({
    id: `${unitId}0${number}`,
    name,
    role,
    unitId,
  });
  return {
    sectionHead: person(1, names[0], 'Section Head'),
    clerk: person(2, names[1], 'Section Clerk'),
    qualityControl: person(3, names[2], 'QC'),
    storeHead: person(4, names[3], 'Store Head'),
  };
}

/** All who can sign in. */
export const PEOPLE: readonly Person[] = [
  SYSTEM_ADMIN,
  ...UNITS.flatMap((unit) => Object.values(STAFF[unit])),
];

/** The first name in small letters; no two people share one. */
export function usernameOf({ name }: Person): string {
  return name.split(' ')[0]?.toLowerCase() ?? name;
}

/** Everybody's password and digital signature. */
export const DEMO_PASSWORD = 'demo';

/** A person; the visitor of the demo can use GraphiQL as this one. */
export interface DemoUser {
  /** Names the user in a URL: `/graphql?as=store-head`. */
  readonly slug: string;
  readonly person: Person;
}

/** A visitor who has not chosen is the first one, who sees most. */
export const DEMO_USERS: readonly [DemoUser, ...DemoUser[]] = [
  { slug: 'admin', person: SYSTEM_ADMIN },
  { slug: 'section-head', person: STAFF['1'].sectionHead },
  { slug: 'store-head', person: STAFF['2'].storeHead },
];

/** E.g. `Section Head of unit 1`. */
export function describePerson({ role, unitId }: Person): string {
  return unitId === null ? role : `${role} of unit ${unitId}`;
}
