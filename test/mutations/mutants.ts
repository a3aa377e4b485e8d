/** The guards of the server: for each the edit of its built code that removes it, and the lines of a validation that must turn red. */

export interface Mutant {
  readonly id: string;
  /** What the server no longer does. */
  readonly guard: string;
  /** Below `dist`. */
  readonly file: string;
  /** Must occur exactly once. */
  readonly from: string;
  readonly to: string;
  /** Default: as the others have them. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Each of these lines must fail; none: it survives. */
  readonly reds: readonly string[];
  /** Why nothing shows it. */
  readonly survives?: string;
}

/** Puts code before a passage. */
const before = (from: string, code: string): Pick<Mutant, 'from' | 'to'> => ({ from, to: `${code} ${from}` });

const ACCESS: readonly Mutant[] = [
  {
    id: 'other-unit',
    guard: 'another unit is refused',
    file: 'auth/access.js',
    from: "throw new LiveError('FORBIDDEN', 'You may only see your own unit. Leave unitId out to see it.');",
    to: 'return requested;',
    reds: ['ISO-2', 'ISO-12', 'ISO-13'],
  },
  {
    id: 'no-unit',
    guard: 'a viewer without a unit is refused',
    file: 'auth/access.js',
    from: "throw new LiveError('FORBIDDEN', 'You belong to no unit, so there is nothing to see.');",
    to: 'return requested ?? null;',
    reds: ['ISO-5'],
  },
  {
    id: 'unit-id',
    guard: 'what can be no unit’s id is refused',
    file: 'auth/access.js',
    from: 'if (requested != null && !isUnitId(requested)) {',
    to: 'if (false) {',
    reds: ['ISO-3'],
  },
  {
    id: 'unit-argument-ignored',
    guard: 'a System Admin gets the unit that is asked for',
    file: 'auth/access.js',
    from: 'return requested ?? null;',
    to: 'return null;',
    reds: ['ISO-4'],
  },
  {
    id: 'nested',
    guard: 'data of another unit inside an event are hidden',
    file: 'auth/access.js',
    from: 'return scope.isAdmin || scope.unitId === unitId;',
    to: 'return true;',
    reds: ['ISO-10'],
  },
  {
    id: 'nested-list',
    guard: 'a list leaves out what is of another unit',
    file: 'graphql/directives.js',
    from: 'return value.filter((item) => isVisible(item, context));',
    to: 'return value;',
    reds: ['ISO-10'],
  },
  {
    id: 'admin-class',
    guard: 'only roles of the class see all units',
    file: 'auth/access.js',
    from: 'isAdmin: has(classes.ADMIN)',
    to: 'isAdmin: viewer.role !== null',
    reds: ['AUT-5', 'ISO-2'],
  },
  {
    id: 'auditor-class',
    guard: 'only roles of the class read audit entries',
    file: 'auth/access.js',
    from: 'isAuditor: has(classes.AUDITOR)',
    to: 'isAuditor: true',
    reds: ['ISO-8'],
  },
  {
    id: 'role-guard',
    guard: 'fields for a role are refused to others',
    file: 'graphql/role-guard.js',
    from: 'if (forbidden.length === 0)',
    to: 'if (true)',
    reds: ['ISO-8'],
  },
  {
    id: 'role-guard-fragments',
    guard: 'fields for a role are found in fragments',
    file: 'graphql/role-guard.js',
    from: 'walk(fragment?.selectionSet.selections ?? [], type, path, conditions);',
    to: '',
    reds: ['ISO-8'],
  },
  {
    id: 'role-guard-nested',
    guard: 'fields for a role are found inside others',
    file: 'graphql/role-guard.js',
    from: 'walk(node.selectionSet?.selections ?? [], type, path, conditions);',
    to: ';',
    reds: ['ISO-8'],
  },
  {
    id: 'role-guard-include',
    guard: 'fields for a role count that a variable includes',
    file: 'graphql/role-guard.js',
    from: 'conditions.every((nodes) => isSelected(nodes, variables))',
    to: 'conditions.length === 0',
    reds: ['ISO-8'],
  },
  {
    id: 'directive-unit',
    guard: 'the directive @unitScope is enforced before a field resolves',
    file: 'graphql/directives.js',
    from: "resolveUnit(scope, args['unitId']);",
    to: ';',
    reds: ['ISO-2'],
  },
  {
    id: 'resolver-unit',
    guard: 'the resolver of a subscription resolves the unit by the same rule again',
    file: 'graphql/subscription.js',
    from: 'const unit = resolveUnit(requireScope(context), unitId);',
    to: 'const unit = unitId ?? requireScope(context).unitId;',
    reds: ['ISO-4'],
  },
];

const SHARING: readonly Mutant[] = [
  {
    id: 'shared-unit',
    guard: 'a subscription is shared by viewers of one unit only',
    file: 'graphql/audience-scope.js',
    from: 'JSON.stringify([unitId, isAdmin, isAuditor, userId, announcer?.id])',
    to: 'JSON.stringify([isAdmin, isAuditor, userId, announcer?.id])',
    reds: ['ISO-1'],
  },
  {
    id: 'shared-class',
    guard: 'a subscription is shared by viewers of one role class only',
    file: 'graphql/audience-scope.js',
    from: 'JSON.stringify([unitId, isAdmin, isAuditor, userId, announcer?.id])',
    to: 'JSON.stringify([unitId, userId, announcer?.id])',
    reds: [],
    survives:
      'Each refusal comes before anything is shared, and an admin who names a unit shares with its viewers only if the documents are equal: what they get then differs in nothing that is nested in the events of the DMS’s units.',
  },
  {
    id: 'shared-user',
    guard: 'what is addressed to a user is shared with nobody else',
    file: 'graphql/audience-scope.js',
    from: 'JSON.stringify([unitId, isAdmin, isAuditor, userId, announcer?.id])',
    to: 'JSON.stringify([unitId, isAdmin, isAuditor, announcer?.id])',
    reds: ['ISO-6'],
  },
  {
    id: 'own-topic-unit',
    guard: 'what is addressed to a user is narrowed by the unit that is asked for',
    file: 'graphql/subscription.js',
    from: '...(unitId == null ? [] : [isOfUnit])',
    to: '',
    reds: ['ISO-6'],
  },
  {
    id: 'filters',
    guard: 'filters leave events out',
    file: 'topics/source-event.js',
    from: 'if (wants !== undefined && !wants(data))',
    to: 'if (false)',
    reds: ['ISO-7'],
  },
  {
    id: 'empty-filter',
    guard: 'an empty filter is refused',
    file: 'events/filters.js',
    from: 'if (wanted.length === 0)',
    to: 'if (false)',
    reds: ['ISO-7'],
  },
  {
    id: 'stray',
    guard: 'an event that names another unit than its topic is refused',
    file: 'topics/read-message.js',
    from: 'return stray ?',
    to: 'return false ?',
    reds: ['ISO-11'],
  },
];

const PRESENCE: readonly Mutant[] = [
  {
    id: 'presence-watched-unit',
    guard: 'who is present is shown of the own unit',
    file: 'graphql/presence.js',
    from: 'return watchPresence(presence, args, resolveUnit(scope, args.unitId));',
    to: 'return watchPresence(presence, args, args.unitId ?? null);',
    reds: ['ISO-14'],
  },
  {
    id: 'presence-announced-unit',
    guard: 'a System Admin who is announced names the unit',
    file: 'graphql/presence-rules.js',
    from: 'const unit = resolveUnit(scope, unitId);',
    to: 'const unit = unitId ?? scope.unitId;',
    reds: ['ISO-14'],
  },
  {
    id: 'presence-role',
    guard: 'who is present at objects whose events need a role is shown to that role',
    file: 'graphql/presence-rules.js',
    from: 'if (!needed.some((role) => role === undefined || hasRole(scope, role)))',
    to: 'if (false)',
    reds: ['ISO-14'],
  },
  {
    id: 'presence-shared',
    guard: 'an operation that shows its user is shared with no other session',
    file: 'graphql/audience-scope.js',
    from: 'JSON.stringify([unitId, isAdmin, isAuditor, userId, announcer?.id])',
    to: 'JSON.stringify([unitId, isAdmin, isAuditor, userId])',
    reds: ['ISO-14'],
  },
  {
    id: 'presence-end',
    guard: 'a session that has ended takes its face away at once',
    file: 'graphql/presence.js',
    from: 'isLost = fault === undefined;',
    to: 'isLost = true;',
    reds: ['SES-7'],
  },
  {
    id: 'presence-off',
    guard: 'nobody is shown where PRESENCE is off',
    file: 'app/topics.js',
    from: 'config.presence ? keepPresence(',
    to: 'true ? keepPresence(',
    settings: { PRESENCE: 'false' },
    reds: ['ISO-14'],
  },
];

const AWAY: readonly Mutant[] = [
  {
    id: 'away-unit',
    guard: 'what happened meanwhile is read of the own unit',
    file: 'graphql/while-away.js',
    from: 'topic: unitTopic(folded.kind, unitId, context)',
    to: "topic: unitId == null ? { kind: folded.kind.kind, all: 'units' } : { kind: folded.kind.kind, unitId }",
    reds: ['ISO-15'],
  },
  {
    id: 'away-own-unit',
    guard: 'of what was addressed to a user meanwhile, only what is of the unit that is asked for is shown',
    file: 'graphql/while-away.js',
    from: 'kind.unitsOf(event.data).every((unit) => unit === unitId)',
    to: 'true',
    reds: ['ISO-15'],
  },
];

const CURSORS: readonly Mutant[] = [
  {
    id: 'cursor-seal',
    guard: 'a cursor belongs to the very event at its position',
    file: 'topics/replay.js',
    from: 'if (known.cursor !== written)',
    to: 'if (false)',
    reds: ['RES-3'],
  },
  {
    id: 'cursor-epoch',
    guard: 'a cursor belongs to this life of the log',
    file: 'topics/replay.js',
    from: 'else if (cursor.epoch !== topicLog.last.epoch)',
    to: 'else if (false)',
    reds: [],
    survives: 'The seal refuses such a cursor as well: it is made of the epoch, too.',
  },
  {
    id: 'cursor-ahead',
    guard: 'a cursor is not ahead of the log',
    file: 'topics/replay.js',
    from: 'if (cursor.offset > topicLog.last.offset)\n            throw cursorExpired();',
    to: '',
    reds: ['RES-3'],
  },
  {
    id: 'cursor-generation',
    guard: 'a cursor of an empty log belongs to its generation',
    file: 'topics/replay.js',
    from: 'if (!isKnown)',
    to: 'if (false)',
    reds: ['RES-3'],
  },
];

const TOKENS: readonly Mutant[] = [
  {
    id: 'signature',
    guard: 'the signature of a token is checked',
    file: 'auth/verify-hmac.js',
    from: 'if (given.length !== expected.length || !timingSafeEqual(given, expected))',
    to: 'if (false)',
    reds: ['AUT-2'],
  },
  {
    id: 'algorithm',
    guard: 'only the algorithms of the settings are accepted',
    file: 'auth/verify-hmac.js',
    from: 'if (hash === undefined || alg === undefined || !algorithms.includes(alg))',
    to: 'if (hash === undefined || alg === undefined)',
    reds: ['AUT-3'],
  },
  {
    id: 'token-type',
    guard: 'a token is an access token',
    file: 'auth/verify-token.js',
    from: "if (payload['token_type'] !== 'access')",
    to: 'if (false)',
    reds: ['AUT-3'],
  },
  {
    id: 'issued-in-future',
    guard: 'a token was not issued in the future',
    file: 'auth/verify-token.js',
    from: 'if (aheadSeconds > leewaySeconds)',
    to: 'if (false)',
    reds: ['AUT-3'],
  },
  {
    id: 'required-exp',
    guard: 'a token has an end',
    file: 'auth/verify-token.js',
    from: "requiredClaims: ['exp'],",
    to: '',
    reds: [],
    survives: 'A session of a token without an end would have ended in 1970, and is refused for that.',
  },
  {
    id: 'leeway',
    guard: 'an expired token is refused',
    file: 'auth/verify-token.js',
    from: 'clockTolerance: settings.leewaySeconds,',
    to: 'clockTolerance: 1e9,',
    reds: ['AUT-3'],
  },
  {
    id: 'issuer',
    guard: 'a token is of the issuer',
    file: 'auth/verify-token.js',
    from: '...(settings.issuer !== undefined && { issuer: settings.issuer }),',
    to: '',
    reds: ['AUT-3'],
  },
  {
    id: 'audience',
    guard: 'a token is for this audience',
    file: 'auth/verify-token.js',
    from: '...(settings.audience !== undefined && { audience: settings.audience }),',
    to: '',
    reds: ['AUT-3'],
  },
  {
    id: 'claim-unit',
    guard: 'the unit of a token can be one',
    file: 'auth/verify-token.js',
    from: 'if (unitId === undefined)',
    to: 'if (false)',
    reds: ['AUT-3'],
  },
];

const SESSIONS: readonly Mutant[] = [
  {
    id: 'expiry',
    guard: 'a session ends with its token',
    file: 'auth/open-sessions.js',
    from: 'timers.at((expiresAt + leewaySeconds) * 1000, expire)',
    to: '() => undefined',
    reds: ['SES-1'],
  },
  {
    id: 'revocation-message',
    guard: 'a message of revocation ends sessions',
    file: 'auth/open-sessions.js',
    from: 'const ending = sessionsOf(whose);',
    to: 'const ending = [];',
    reds: ['SES-2', 'SES-3', 'SES-4'],
  },
  {
    id: 'revocation-too-wide',
    guard: 'the revocation of a token ends no others',
    file: 'auth/open-sessions.js',
    from: 'return [...open].filter(({ identity }) => identity.tokenId === whose.tokenId);',
    to: 'return [...open];',
    reds: ['SES-2'],
  },
  {
    id: 'record-token',
    guard: 'a revoked token is refused at sign-in',
    file: 'auth/revocation-record.js',
    from: 'if (isOnRecord(token) || isIssuedUpTo(revoked, issuedAt))',
    to: 'if (isIssuedUpTo(revoked, issuedAt))',
    reds: ['SES-2'],
  },
  {
    id: 'record-user',
    guard: 'the tokens of a revoked user are refused at sign-in',
    file: 'auth/revocation-record.js',
    from: 'if (isOnRecord(token) || isIssuedUpTo(revoked, issuedAt))',
    to: 'if (isOnRecord(token))',
    reds: ['SES-3'],
  },
  {
    id: 'record-changed',
    guard: 'the tokens of a user who has changed are refused at sign-in',
    file: 'auth/revocation-record.js',
    from: "return isIssuedUpTo(changed, issuedAt) ? 'changed' : undefined;",
    to: 'return undefined;',
    reds: ['SES-4'],
  },
  {
    id: 'recheck',
    guard: 'open sessions are checked against the record',
    file: 'auth/open-sessions.js',
    from: 'const fault = await check(session.identity);',
    to: 'const fault = undefined;',
    reds: ['SES-6'],
  },
  {
    id: 'renew-other',
    guard: 'a session is renewed by the same user only',
    file: 'auth/session.js',
    from: 'if (next.viewer.id !== id) {',
    to: 'if (false) {',
    reds: ['SES-5'],
  },
  {
    id: 'renew-changed',
    guard: 'a renewal with another unit or role ends the session',
    file: 'auth/session.js',
    from: 'if (next.viewer.unitId !== unitId || next.viewer.role !== role)',
    to: 'if (false)',
    reds: ['SES-4'],
  },
];

const BOUNDARIES: readonly Mutant[] = [
  {
    id: 'origin',
    guard: 'pages of other origins are refused',
    file: 'transport/origin.js',
    ...before('if (host === undefined || !URL.canParse(origin))', 'return true;'),
    reds: ['BND-1'],
  },
  {
    id: 'origin-port',
    guard: 'the port of an origin counts',
    file: 'transport/origin.js',
    from: 'if (host === written)',
    to: 'if (host.split(":")[0] === written.split(":")[0])',
    reds: ['BND-1'],
  },
  {
    id: 'origin-websocket',
    guard: 'an upgrade asks for the origin, since browsers do not',
    file: 'transport/websocket.js',
    from: 'if (!options.isAllowedOrigin(request.headers, visit.address))',
    to: 'if (false)',
    reds: ['BND-1'],
  },
  {
    id: 'origin-preflight',
    guard: 'a preflight of another origin is refused',
    file: 'transport/preflight.js',
    from: 'if (origin !== undefined && isAllowedOrigin(headers, address)) {',
    to: 'if (origin !== undefined) {',
    reds: ['BND-1'],
  },
  {
    id: 'strangers-documents',
    guard: 'a stranger’s document is refused before it is validated',
    file: 'graphql/documents.js',
    from: "const field = sender === 'stranger' ? findProtectedField(schema, document) : undefined;",
    to: 'const field = undefined;',
    reds: ['BND-3'],
  },
];

const LIMITS: readonly Mutant[] = [
  {
    id: 'depth',
    guard: 'a document is not too deep',
    file: 'graphql/document-limits.js',
    from: 'if (depth > maxDepth)',
    to: 'if (false)',
    reds: ['LIM-1'],
  },
  {
    id: 'fields',
    guard: 'a document has not too many fields',
    file: 'graphql/document-limits.js',
    from: 'if (fields > maxFields)',
    to: 'if (false)',
    reds: ['LIM-1'],
  },
  {
    id: 'message-size',
    guard: 'a message is not too big',
    file: 'transport/websocket.js',
    from: 'maxPayload: maxMessageBytes,',
    to: 'maxPayload: 1e8,',
    reds: ['LIM-1'],
  },
  {
    id: 'operations',
    guard: 'a socket has a limited number of operations',
    file: 'transport/websocket-protocol.js',
    from: 'if (Object.keys(subscriptions).length > maxSubscriptionsPerConnection)',
    to: 'if (false)',
    reds: ['LIM-2'],
  },
  {
    id: 'flood',
    guard: 'a client sends a limited number of messages',
    file: 'transport/intake.js',
    from: 'const burst = perSecond === 0 ?',
    to: 'const burst = true ?',
    reds: ['LIM-3'],
  },
  {
    id: 'connections',
    guard: 'a user has a limited number of connections',
    file: 'auth/quota.js',
    from: 'if (limit > 0 && count >= limit)',
    to: 'if (false)',
    reds: ['LIM-4'],
  },
  {
    id: 'silent',
    guard: 'a socket that does not sign in is closed',
    file: 'transport/websocket-protocol.js',
    from: 'connectionInitWaitTimeout: INIT_TIMEOUT_MS,',
    to: 'connectionInitWaitTimeout: 60_000,',
    reds: ['LIM-5'],
  },
];

export const MUTANTS: readonly Mutant[] = [
  ...ACCESS,
  ...SHARING,
  ...PRESENCE,
  ...AWAY,
  ...CURSORS,
  ...TOKENS,
  ...SESSIONS,
  ...BOUNDARIES,
  ...LIMITS,
];
