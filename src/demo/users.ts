import { SignJWT } from 'jose';
import type { TokenSettings } from '../auth/verify-token.ts';

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

/** A person whom the visitor of the demo may be. */
export interface DemoUser {
  /** Names the user in a URL: `/graphql?as=store-head`. */
  readonly slug: string;
  readonly person: Person;
}

/** The first one is whom a visitor is who has not chosen: the one who sees most. */
export const DEMO_USERS: readonly [DemoUser, ...DemoUser[]] = [
  { slug: 'admin', person: SYSTEM_ADMIN },
  { slug: 'section-head', person: STAFF['1'].sectionHead },
  { slug: 'store-head', person: STAFF['2'].storeHead },
];

/** E.g. `Section Head of unit 1`. */
export function describePerson({ role, unitId }: Person): string {
  return unitId === null ? role : `${role} of unit ${unitId}`;
}

const TOKEN_LIFETIME_S = 24 * 3600;

/**
 * An access token as Simple JWT issues it, valid for 24 hours from now.
 * @param settings those of the server that is to accept it; their key must be a secret.
 */
export async function signDemoToken(person: Person, settings: TokenSettings): Promise<string> {
  const { key, algorithms, claims, issuer, audience } = settings;
  if (key.form !== 'secret') throw new TypeError('only a secret can sign demo tokens');
  const issuedAt = Math.floor(Date.now() / 1000);
  const payload = {
    token_type: 'access',
    jti: crypto.randomUUID().replaceAll('-', ''),
    name: person.name,
    [claims.user]: person.id,
    [claims.unit]: person.unitId,
    [claims.role]: person.role,
    ...(issuer !== undefined && { iss: issuer }),
    ...(audience !== undefined && { aud: audience }),
  };
  return new SignJWT(payload)
    .setProtectedHeader({ alg: algorithms[0] ?? 'HS256', typ: 'JWT' })
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + TOKEN_LIFETIME_S)
    .sign(new TextEncoder().encode(key.secret));
}
