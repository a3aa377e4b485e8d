/** What is required of an installation. Each requirement is a sentence of the contract or of the threat model that can be tried from outside. */

export interface Requirement {
  readonly text: string;
  /** Where it is promised. */
  readonly source: string;
  /** How it is tried. */
  readonly method: string;
}

const AUTHORIZATION = 'PROTOCOL.md, section 4';
const TRANSPORTS = 'PROTOCOL.md, section 5';
const RESUMING = 'PROTOCOL.md, section 6';
const STRANGERS = 'docs/threat-model.md, boundary 1';
const USERS = 'docs/threat-model.md, boundary 2';

export const REQUIREMENTS = {
  'AUT-1': {
    text: 'Without a token nothing is answered.',
    source: STRANGERS,
    method: 'Every field of the API without a token, over each transport.',
  },
  'AUT-2': {
    text: 'A token that nobody has issued is refused.',
    source: STRANGERS,
    method: 'Forgeries of a good token that need no key, over each transport.',
  },
  'AUT-3': {
    text: 'A token that was signed by the right key, but does not fit, is refused.',
    source: AUTHORIZATION,
    method:
      'Expired, not yet good, without an end, of another type, of another issuer or audience, and of another algorithm.',
  },
  'AUT-4': {
    text: 'A token is taken from its header or from connectionParams, and from nowhere else.',
    source: AUTHORIZATION,
    method: 'A good token in the URL, in a cookie and in the body.',
  },
  'AUT-5': {
    text: 'A viewer is who the token says: user, unit, role and role class.',
    source: AUTHORIZATION,
    method: 'The query viewer with each token.',
  },
  'ISO-1': {
    text: 'A viewer gets all events of the own unit, in order and each once, and none of another unit.',
    source: AUTHORIZATION,
    method:
      'Marked events of each kind to each unit, while all viewers follow all fields over all transports. Silence is shown by a later event on the same connection.',
  },
  'ISO-2': {
    text: 'Another unit is FORBIDDEN.',
    source: AUTHORIZATION,
    method:
      'Every field with the unit of others, as a variable and in disguise; nothing may arrive afterwards.',
  },
  'ISO-3': {
    text: 'What can be no unit is BAD_USER_INPUT, and no wildcard reaches Redis.',
    source: AUTHORIZATION,
    method: 'Every field with wildcards, separators and overlong ids as a unit.',
  },
  'ISO-4': {
    text: 'A System Admin gets the events of all units, or of the one that is asked for.',
    source: AUTHORIZATION,
    method: 'As ISO-1.',
  },
  'ISO-5': {
    text: 'A viewer without a unit sees nothing.',
    source: AUTHORIZATION,
    method: 'Every field, with and without a unit.',
  },
  'ISO-6': {
    text: 'What is addressed to a person goes to that person alone.',
    source: AUTHORIZATION,
    method: 'Marked events to the channel of each viewer, while all viewers follow their own.',
  },
  'ISO-7': {
    text: 'Filters narrow what a viewer gets, and never widen it.',
    source: 'PROTOCOL.md, section 3',
    method: 'Each filter, with a value that events of other units have as well.',
  },
  'ISO-8': {
    text: 'A field for a role is refused to others, before anything runs.',
    source: AUTHORIZATION,
    method: 'Each field with @requiresRole, plainly and in disguise.',
  },
  'ISO-9': {
    text: 'A viewer gets every field that is for the role, exactly as it was sent.',
    source: AUTHORIZATION,
    method: 'The content of the events of ISO-1 and ISO-4.',
  },
  'ISO-10': {
    text: 'Data of another unit inside an event are null, and a list leaves them out.',
    source: AUTHORIZATION,
    method: 'Marked events in which nested data belong to another unit, compared field by field.',
  },
  'ISO-11': {
    text: 'An event that names another unit than its topic goes to nobody.',
    source: AUTHORIZATION,
    method: 'Such events, published to a unit’s channel, while its viewers follow it.',
  },
  'ISO-12': {
    text: 'A query for the newest snapshot obeys the same rules.',
    source: AUTHORIZATION,
    method: 'Each such query, for each unit, over WebSocket and HTTP.',
  },
  'ISO-13': {
    text: 'A refusal does not say whether a unit exists, and costs a connection nothing else.',
    source: STRANGERS,
    method:
      'The refusals of a real and of a made-up unit, compared; another operation of the same socket goes on.',
  },
  'ISO-14': {
    text: 'Who is present at objects of a unit is shown to those who may see the unit, and to nobody where that is off.',
    source: AUTHORIZATION,
    method:
      'Everybody is announced in each unit, at objects of one name, and watches each, over each transport.',
  },
  'ISO-15': {
    text: 'A viewer gets lines about what happened meanwhile of what the viewer may see, and of nothing else.',
    source: AUTHORIZATION,
    method:
      'The query whileAway for each unit, after marked events of each kind to each unit and to each viewer.',
  },
  'RES-1': {
    text: 'A client that resumes after its cursor gets exactly what it missed.',
    source: RESUMING,
    method: 'Events published while a client is away, over each transport.',
  },
  'RES-2': {
    text: 'A cursor of another topic, unit or field is of no use.',
    source: RESUMING,
    method: 'Cursors of one viewer in the hands of another.',
  },
  'RES-3': {
    text: 'A made-up cursor is CURSOR_EXPIRED, before any event.',
    source: RESUMING,
    method: 'Garbage; another seal, position and epoch.',
  },
  'RES-4': {
    text: 'What is replayed is authorized as of now.',
    source: USERS,
    method: 'A cursor of the old unit, with a token of the same user for another unit.',
  },
  'RES-5': {
    text: 'A subscription that begins in the past gets nothing of another unit.',
    source: RESUMING,
    method: 'pastMs, after events of all units.',
  },
  'SES-1': {
    text: 'A session ends with its token.',
    source: AUTHORIZATION,
    method: 'A token that is good for some seconds, over each transport; the time is measured.',
  },
  'SES-2': {
    text: 'A revoked token ends its connections at once, and no others; nobody signs in with it again.',
    source: AUTHORIZATION,
    method: 'One of two tokens of a viewer is revoked; the time is measured.',
  },
  'SES-3': {
    text: 'A user who is revoked loses all connections at once.',
    source: AUTHORIZATION,
    method: 'All tokens of a viewer are revoked; the time is measured.',
  },
  'SES-4': {
    text: 'A change of unit or role ends a session.',
    source: AUTHORIZATION,
    method: 'A message that the user has changed; a renewal by a token of another unit, and of another role.',
  },
  'SES-5': {
    text: 'A session is renewed by a good token of the same user only.',
    source: 'PROTOCOL.md, section 3',
    method: 'renewSession with tokens of others, and with forgeries.',
  },
  'SES-6': {
    text: 'A revocation whose message is lost ends sessions after REVOCATION_CHECK_SECONDS at the latest.',
    source: USERS,
    method: 'A revocation that is put on record without a message; the time is measured.',
  },
  'SES-7': {
    text: 'Nobody is shown as present whose session has ended.',
    source: 'PROTOCOL.md, section 3',
    method: 'A renewal by a token of another role, while another connection watches; the time is measured.',
  },
  'BND-1': {
    text: 'Pages of other origins are refused.',
    source: STRANGERS,
    method: 'Upgrades and requests with the origin of a stranger, and look-alikes of the own one.',
  },
  'BND-2': {
    text: 'What the protocol does not allow ends the connection, with the documented code.',
    source: TRANSPORTS,
    method: 'Another subprotocol, messages out of turn, binary and broken messages.',
  },
  'BND-3': {
    text: 'A stranger’s document is refused before it is validated.',
    source: STRANGERS,
    method: 'Documents with fields that do not exist, without a token.',
  },
  'BND-4': {
    text: 'No answer contains a token or what a server keeps to itself.',
    source: USERS,
    method: 'All that was received in the whole run was searched.',
  },
  'LIM-1': {
    text: 'A document that asks too much is refused before it runs.',
    source: 'docs/limits.md',
    method: 'Documents that are too deep, too long and too large; a message that is too big.',
  },
  'LIM-2': {
    text: 'A socket has only as many operations as it may have.',
    source: 'docs/limits.md',
    method: 'One operation more.',
  },
  'LIM-3': {
    text: 'A client that sends too many messages is sent away.',
    source: 'docs/limits.md',
    method: 'Messages without a pause, until the server closes the socket.',
  },
  'LIM-4': {
    text: 'A user has only as many connections as a user may have.',
    source: 'docs/limits.md',
    method: 'One connection more.',
  },
  'LIM-5': {
    text: 'Who does not sign in is sent away.',
    source: TRANSPORTS,
    method: 'A socket that sends nothing, and one that sends too much.',
  },
  'FLT-1': {
    text: 'A fault loses no event in silence.',
    source: RESUMING,
    method: 'The operator’s own fault, while events are published and clients resume.',
  },
} as const satisfies Readonly<Record<string, Requirement>>;

export type RequirementId = keyof typeof REQUIREMENTS;

export const REQUIREMENT_IDS = Object.keys(REQUIREMENTS).filter(
  (id): id is RequirementId => id in REQUIREMENTS,
);

/** Groups of requirements, as `--only` names them. */
export const GROUPS = {
  AUT: 'Who somebody is',
  ISO: 'Who sees what',
  RES: 'Resuming',
  SES: 'The end of sessions',
  BND: 'Strangers and boundaries',
  LIM: 'Limits',
  FLT: 'Faults',
} as const;

export type Group = keyof typeof GROUPS;

export const groupOf = (id: RequirementId): string => id.slice(0, 3);
