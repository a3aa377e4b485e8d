import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { Context } from '../graphql/context.ts';
export type Maybe<T> = T | null;
export type InputMaybe<T> = T | null;
export type RequireFields<T, K extends keyof T> = Omit<T, K> & { [P in K]-?: NonNullable<T[P]> };
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  /** An instant in ISO 8601, UTC: `2026-11-22T09:30:00Z`. Where the DMS keeps a day only, the day: `2026-11-22`. */
  DateTime: { input: string; output: string; }
  /** Any JSON value, as the DMS wrote it. */
  JSON: { input: unknown; output: unknown; }
};

/** One immutable line of the audit trail. */
export type AuditEntry = {
  /** What was done, in the DMS's own words. */
  readonly action: Maybe<Scalars['String']['output']>;
  /** When. */
  readonly at: Maybe<Scalars['DateTime']['output']>;
  /** What changed, field by field. System Admin only. */
  readonly changes: Maybe<Scalars['JSON']['output']>;
  /** The DMS's id. */
  readonly id: Scalars['ID']['output'];
  /** From where. System Admin only. */
  readonly ipAddress: Maybe<Scalars['String']['output']>;
  /** On which object. */
  readonly objectId: Maybe<Scalars['ID']['output']>;
  /** On which type of object. */
  readonly objectType: Maybe<Scalars['String']['output']>;
  /** The unit it belongs to. */
  readonly unitId: Scalars['ID']['output'];
  /** Who did it. */
  readonly user: Maybe<User>;
};

/** One audit entry was written. */
export type AuditEvent = {
  /** What happened, in the DMS's own words. */
  readonly action: Scalars['String']['output'];
  /** Who did it; `null`: the system. */
  readonly actor: Maybe<User>;
  /** The entry. */
  readonly entry: AuditEntry;
  /** Names the event for ever. */
  readonly id: Scalars['ID']['output'];
  /** When it happened. */
  readonly occurredAt: Scalars['DateTime']['output'];
  /** Of two events that contain the same entity, the one with the larger version knows it newer. Whole, below 2^53; `null`: not said. */
  readonly version: Maybe<Scalars['Float']['output']>;
};

/** A crate of paper records. */
export type Crate = {
  /** When it may be destroyed. */
  readonly destructionDate: Maybe<Scalars['DateTime']['output']>;
  /** What it holds. */
  readonly documents: Maybe<ReadonlyArray<Document>>;
  /** The DMS's id. */
  readonly id: Scalars['ID']['output'];
  /** Where in its life it is. */
  readonly status: CrateStatus;
  /** Where it stands; `null`: nowhere yet, or another unit's location. */
  readonly storage: Maybe<StorageLocation>;
  /** The unit it belongs to. */
  readonly unitId: Scalars['ID']['output'];
};

/** What happened to a crate. */
export type CrateAction =
  /** It was made. */
  | 'CREATED'
  /** It was deleted. */
  | 'DELETED'
  /** It came to this unit. */
  | 'MOVED_IN'
  /** It left this unit. */
  | 'MOVED_OUT'
  /** It stands elsewhere now. */
  | 'RELOCATED'
  /** Its status changed. */
  | 'STATUS_CHANGED'
  /** It was edited. */
  | 'UPDATED';

/** Something happened to a crate. */
export type CrateEvent = {
  /** What happened. */
  readonly action: CrateAction;
  /** Who did it; `null`: the system. */
  readonly actor: Maybe<User>;
  /** The crate after the change. */
  readonly crate: Crate;
  /** Names the event for ever. */
  readonly id: Scalars['ID']['output'];
  /** When it happened. */
  readonly occurredAt: Scalars['DateTime']['output'];
  /** Of two events that contain the same entity, the one with the larger version knows it newer. Whole, below 2^53; `null`: not said. */
  readonly version: Maybe<Scalars['Float']['output']>;
};

/** Where in its life a crate is. */
export type CrateStatus =
  /** In storage. */
  | 'ACTIVE'
  /** Archived. */
  | 'ARCHIVED'
  /** Destroyed. */
  | 'DESTROYED'
  /** Out. */
  | 'WITHDRAWN';

/** How many crates are in a status. */
export type CrateStatusCount = {
  /** How many. */
  readonly count: Scalars['Int']['output'];
  /** The status. */
  readonly status: CrateStatus;
};

/** The figures of a dashboard, computed by the DMS. `null`: not computed. */
export type DashboardKpis = {
  /** When the DMS counted. */
  readonly computedAt: Maybe<Scalars['DateTime']['output']>;
  /** Crates by status. */
  readonly cratesByStatus: Maybe<ReadonlyArray<CrateStatusCount>>;
  /** Names the snapshot for ever. */
  readonly id: Scalars['ID']['output'];
  /** Withdrawals not returned by their expected date. */
  readonly overdueWithdrawals: Maybe<Scalars['Int']['output']>;
  /** Requests that wait for an approval. */
  readonly pendingApprovals: Maybe<Scalars['Int']['output']>;
  /** Requests by status. */
  readonly requestsByStatus: Maybe<ReadonlyArray<RequestStatusCount>>;
  /** Requests by type. */
  readonly requestsByType: Maybe<ReadonlyArray<RequestTypeCount>>;
  /** The unit counted; `null`: all units together. */
  readonly unitId: Maybe<Scalars['ID']['output']>;
};

/** A record in a crate. */
export type Document = {
  /** What it is about. */
  readonly description: Maybe<Scalars['String']['output']>;
  /** Its name. */
  readonly documentName: Maybe<Scalars['String']['output']>;
  /** Its number. */
  readonly documentNumber: Maybe<Scalars['String']['output']>;
  /** Its type. */
  readonly documentType: Maybe<Scalars['String']['output']>;
  /** The DMS's id. */
  readonly id: Scalars['ID']['output'];
  /** The unit it belongs to; `null`: its crate's. */
  readonly unitId: Maybe<Scalars['ID']['output']>;
};

export type Mutation = {
  /**
   * Over a WebSocket: replaces the session of that very socket, so that it outlives its first token; only the same user may
   * do so. Over HTTP: only checks the token. A token that names another unit or role ends the socket with 4403, so that every
   * subscription is authorized afresh.
   */
  readonly renewSession: Viewer;
};


export type MutationRenewSessionArgs = {
  token: Scalars['String']['input'];
};

/** A user at an object. A user who looks at it and is about to act on it is here once. */
export type Presence = {
  /** What the user is about to do, in a word of the app. */
  readonly action: Maybe<Scalars['String']['output']>;
  /** What the user does. */
  readonly doing: PresenceDoing;
  /** The user's name, if the token has one. */
  readonly name: Maybe<Scalars['String']['output']>;
  /** The object's id. */
  readonly objectId: Scalars['ID']['output'];
  /** The user's role. */
  readonly role: Maybe<Scalars['String']['output']>;
  /** Since when. */
  readonly since: Scalars['DateTime']['output'];
  /** The unit in which the user is shown. */
  readonly unitId: Scalars['ID']['output'];
  /** The user's id, as in `viewer`. */
  readonly userId: Scalars['ID']['output'];
};

/** What a user does with an object. */
export type PresenceDoing =
  /** Is about to act on it. */
  | 'ACTING'
  /** Looks at it. */
  | 'LOOKING';

export type Query = {
  /**
   * The newest known KPI snapshot of a unit (default: your own; System Admin: of all units together). `null` if none was
   * published since this server started.
   */
  readonly dashboardKpis: Maybe<DashboardKpis>;
  /** Who you are, as your token says. */
  readonly viewer: Viewer;
  /**
   * What happened while you were away: one line for each thing that changed, the last changed first. It has what a subscription would
   * have delivered, and what is addressed to you, authorized as of now: what has left the unit since is not in it.
   */
  readonly whileAway: WhileAway;
};


export type QueryDashboardKpisArgs = {
  unitId?: InputMaybe<Scalars['ID']['input']>;
};


export type QueryWhileAwayArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  includeOwn?: InputMaybe<Scalars['Boolean']['input']>;
  kinds?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  sinceMs: Scalars['Float']['input'];
  unitId?: InputMaybe<Scalars['ID']['input']>;
};

/** A request to store, withdraw or destroy a crate. */
export type Request = {
  /** Who allocated the storage. */
  readonly allocatedBy: Maybe<User>;
  /** When storage was allocated. */
  readonly allocationDate: Maybe<Scalars['DateTime']['output']>;
  /** When it was approved. */
  readonly approvalDate: Maybe<Scalars['DateTime']['output']>;
  /** Who approved it. */
  readonly approvedBy: Maybe<User>;
  /** The crate it is about; `null`: none yet, or another unit's. */
  readonly crate: Maybe<Crate>;
  /** When it was made. */
  readonly createdAt: Maybe<Scalars['DateTime']['output']>;
  /** Who made it. */
  readonly createdBy: Maybe<User>;
  /** When the crate is due back. */
  readonly expectedReturnDate: Maybe<Scalars['DateTime']['output']>;
  /** The DMS's id. */
  readonly id: Scalars['ID']['output'];
  /** When the crate was issued. */
  readonly issueDate: Maybe<Scalars['DateTime']['output']>;
  /** Who issued the crate. */
  readonly issuedBy: Maybe<User>;
  /** What is asked for. */
  readonly requestType: RequestType;
  /** When the crate came back. */
  readonly returnDate: Maybe<Scalars['DateTime']['output']>;
  /** How far it has come. */
  readonly status: RequestStatus;
  /** The unit it belongs to. */
  readonly unitId: Scalars['ID']['output'];
  /** Who withdrew the crate. */
  readonly withdrawnBy: Maybe<User>;
};

/** What happened to a request. */
export type RequestAction =
  /** It was approved. */
  | 'APPROVED'
  /** It is done. */
  | 'COMPLETED'
  /** It was made. */
  | 'CREATED'
  /** Its crate was handed out. */
  | 'ISSUED'
  /** It came to this unit. */
  | 'MOVED_IN'
  /** It left this unit. */
  | 'MOVED_OUT'
  /** It was refused. */
  | 'REJECTED'
  /** Its crate came back. */
  | 'RETURNED'
  /** It went back to its creator. */
  | 'SENT_BACK'
  /** Its crate got a storage location. */
  | 'STORAGE_ALLOCATED'
  /** It was edited, also after a send-back. */
  | 'UPDATED';

/** Something happened to a request. */
export type RequestEvent = {
  /** What happened. */
  readonly action: RequestAction;
  /** Who did it; `null`: the system. */
  readonly actor: Maybe<User>;
  /** Names the event for ever. */
  readonly id: Scalars['ID']['output'];
  /** When it happened. */
  readonly occurredAt: Scalars['DateTime']['output'];
  /** The request after the change. */
  readonly request: Request;
  /** Of two events that contain the same entity, the one with the larger version knows it newer. Whole, below 2^53; `null`: not said. */
  readonly version: Maybe<Scalars['Float']['output']>;
};

/** How far a request has come. */
export type RequestStatus =
  /** Approved. */
  | 'APPROVED'
  /** Done. */
  | 'COMPLETED'
  /** The crate is out. */
  | 'ISSUED'
  /** Waits for approval. */
  | 'PENDING'
  /** Refused. */
  | 'REJECTED'
  /** The crate came back. */
  | 'RETURNED'
  /** Back with its creator for correction. */
  | 'SENT_BACK';

/** How many requests are in a status. */
export type RequestStatusCount = {
  /** How many. */
  readonly count: Scalars['Int']['output'];
  /** The status. */
  readonly status: RequestStatus;
};

/** What a request asks for. */
export type RequestType =
  /** Destroy a crate. */
  | 'DESTRUCTION'
  /** Put a crate into storage. */
  | 'STORAGE'
  /** Take a crate out for a time. */
  | 'WITHDRAWAL';

/** How many requests are of a type. */
export type RequestTypeCount = {
  /** How many. */
  readonly count: Scalars['Int']['output'];
  /** The type. */
  readonly requestType: RequestType;
};

/** Classes of roles; the settings `ADMIN_ROLES` and `AUDIT_ROLES` say which of the DMS's roles belong to them. */
export type RoleClass =
  /** System Admin: sees all units. */
  | 'ADMIN'
  /** May read audit entries. */
  | 'AUDITOR';

/** A request sent back to whoever made it, with a reason. */
export type SendBack = {
  /** Who sent it back. */
  readonly createdBy: Maybe<User>;
  /** The DMS's id. */
  readonly id: Scalars['ID']['output'];
  /** Why it was sent back. */
  readonly reason: Maybe<Scalars['String']['output']>;
  /** The request sent back; `null`: another unit's. */
  readonly request: Maybe<Request>;
  /** The id of the request sent back, also where the request itself is another unit's. */
  readonly requestId: Maybe<Scalars['ID']['output']>;
  /** Which kind of send-back, in the DMS's own words. */
  readonly sendbackType: Maybe<Scalars['String']['output']>;
  /** The unit it belongs to. */
  readonly unitId: Scalars['ID']['output'];
};

/** What happened to a send-back. The DMS's words differ by where it is written; both mean the same. */
export type SendBackAction =
  /** The send-back was made. */
  | 'CREATED'
  /** The request was sent back. */
  | 'SENT_BACK';

/** A request was sent back. */
export type SendBackEvent = {
  /** What happened. */
  readonly action: SendBackAction;
  /** Who sent it back; `null`: the system. */
  readonly actor: Maybe<User>;
  /** Names the event for ever. */
  readonly id: Scalars['ID']['output'];
  /** When it happened. */
  readonly occurredAt: Scalars['DateTime']['output'];
  /** The send-back. */
  readonly sendBack: SendBack;
  /** Of two events that contain the same entity, the one with the larger version knows it newer. Whole, below 2^53; `null`: not said. */
  readonly version: Maybe<Scalars['Float']['output']>;
};

/** What happened to storage locations. */
export type StorageAction =
  /** Many locations were made at once. */
  | 'BULK_CREATED'
  /** A location was made. */
  | 'CREATED'
  /** A location was deleted. */
  | 'DELETED'
  /** A location was edited. */
  | 'UPDATED';

/** Something happened to storage locations of one unit. */
export type StorageEvent = {
  /** What happened. */
  readonly action: StorageAction;
  /** Who did it; `null`: the system. */
  readonly actor: Maybe<User>;
  /** Names the event for ever. */
  readonly id: Scalars['ID']['output'];
  /** The locations after the change: one, or all of a bulk. */
  readonly locations: ReadonlyArray<StorageLocation>;
  /** When it happened. */
  readonly occurredAt: Scalars['DateTime']['output'];
  /** Of two events that contain the same entity, the one with the larger version knows it newer. Whole, below 2^53; `null`: not said. */
  readonly version: Maybe<Scalars['Float']['output']>;
};

/** A place where crates stand. */
export type StorageLocation = {
  /** Compartment. */
  readonly compartmentName: Maybe<Scalars['String']['output']>;
  /** The DMS's id. */
  readonly id: Scalars['ID']['output'];
  /** Rack. */
  readonly rackName: Maybe<Scalars['String']['output']>;
  /** Room. */
  readonly roomName: Maybe<Scalars['String']['output']>;
  /** Shelf. */
  readonly shelfName: Maybe<Scalars['String']['output']>;
  /** The unit it belongs to. */
  readonly unitId: Scalars['ID']['output'];
};

/**
 * Live events. `unitId` chooses the unit: leave it out for your own (System Admin: all units). The other arguments filter: they
 * narrow what you get and never widen it.
 */
export type Subscription = {
  /**
   * Shows you to those who watch `presence`, for as long as this runs. It delivers `true` once. When it is completed you are gone at once; when its
   * connection is lost, after 15 seconds, unless you are back by then. Several of your pages make one face.
   */
  readonly announcePresence: Scalars['Boolean']['output'];
  /** Audit entries as they are written. */
  readonly auditLogged: AuditEvent;
  /** Every change of a crate: created, relocated, status changed, … */
  readonly crateUpdated: CrateEvent;
  /** The newest KPI snapshot at once, then each newer one. */
  readonly dashboardKpis: DashboardKpis;
  /**
   * Who looks at an object of a unit, or is about to act on it: all who are there at once, and again at each change, at most once a
   * second. `FORBIDDEN` where the setting `PRESENCE` is off, and for a kind whose events the viewer's role may not see.
   */
  readonly presence: ReadonlyArray<Presence>;
  /** Every change of a request: created, approved, sent back, issued, returned, … */
  readonly requestUpdated: RequestEvent;
  /** Requests sent back for correction. */
  readonly sendBackCreated: SendBackEvent;
  /** Storage locations created (one by one or in bulk), updated, deleted. */
  readonly storageUpdated: StorageEvent;
};


/**
 * Live events. `unitId` chooses the unit: leave it out for your own (System Admin: all units). The other arguments filter: they
 * narrow what you get and never widen it.
 */
export type SubscriptionAnnouncePresenceArgs = {
  action?: InputMaybe<Scalars['String']['input']>;
  doing?: PresenceDoing;
  id: Scalars['ID']['input'];
  kind: Scalars['String']['input'];
  unitId?: InputMaybe<Scalars['ID']['input']>;
};


/**
 * Live events. `unitId` chooses the unit: leave it out for your own (System Admin: all units). The other arguments filter: they
 * narrow what you get and never widen it.
 */
export type SubscriptionAuditLoggedArgs = {
  unitId?: InputMaybe<Scalars['ID']['input']>;
};


/**
 * Live events. `unitId` chooses the unit: leave it out for your own (System Admin: all units). The other arguments filter: they
 * narrow what you get and never widen it.
 */
export type SubscriptionCrateUpdatedArgs = {
  crateId?: InputMaybe<Scalars['ID']['input']>;
  unitId?: InputMaybe<Scalars['ID']['input']>;
};


/**
 * Live events. `unitId` chooses the unit: leave it out for your own (System Admin: all units). The other arguments filter: they
 * narrow what you get and never widen it.
 */
export type SubscriptionDashboardKpisArgs = {
  unitId?: InputMaybe<Scalars['ID']['input']>;
};


/**
 * Live events. `unitId` chooses the unit: leave it out for your own (System Admin: all units). The other arguments filter: they
 * narrow what you get and never widen it.
 */
export type SubscriptionPresenceArgs = {
  id?: InputMaybe<Scalars['ID']['input']>;
  kind: Scalars['String']['input'];
  unitId?: InputMaybe<Scalars['ID']['input']>;
};


/**
 * Live events. `unitId` chooses the unit: leave it out for your own (System Admin: all units). The other arguments filter: they
 * narrow what you get and never widen it.
 */
export type SubscriptionRequestUpdatedArgs = {
  actions?: InputMaybe<ReadonlyArray<RequestAction>>;
  requestId?: InputMaybe<Scalars['ID']['input']>;
  requestTypes?: InputMaybe<ReadonlyArray<RequestType>>;
  unitId?: InputMaybe<Scalars['ID']['input']>;
};


/**
 * Live events. `unitId` chooses the unit: leave it out for your own (System Admin: all units). The other arguments filter: they
 * narrow what you get and never widen it.
 */
export type SubscriptionSendBackCreatedArgs = {
  mine?: InputMaybe<Scalars['Boolean']['input']>;
  unitId?: InputMaybe<Scalars['ID']['input']>;
};


/**
 * Live events. `unitId` chooses the unit: leave it out for your own (System Admin: all units). The other arguments filter: they
 * narrow what you get and never widen it.
 */
export type SubscriptionStorageUpdatedArgs = {
  unitId?: InputMaybe<Scalars['ID']['input']>;
};

/** A person in the DMS. */
export type User = {
  /** The DMS's user id. */
  readonly id: Scalars['ID']['output'];
  /** Display name. */
  readonly name: Maybe<Scalars['String']['output']>;
  /** Role, e.g. `Store Head`. */
  readonly role: Maybe<Scalars['String']['output']>;
};

/** The person behind the token. */
export type Viewer = {
  /** The DMS's user id. */
  readonly id: Scalars['ID']['output'];
  /** Whether the viewer sees all units (System Admin). */
  readonly isAdmin: Scalars['Boolean']['output'];
  /** Display name, if the token has one. */
  readonly name: Maybe<Scalars['String']['output']>;
  /** The role as the DMS spells it, e.g. `Section Head`. */
  readonly role: Maybe<Scalars['String']['output']>;
  /** When this session ends unless renewed. */
  readonly sessionExpiresAt: Scalars['DateTime']['output'];
  /** The unit whose data the viewer sees; `null`: none. */
  readonly unitId: Maybe<Scalars['ID']['output']>;
};

/** What happened in a time. All times here are the server's and the DMS's. */
export type WhileAway = {
  /** Whether the logs know all of the time that you asked for. */
  readonly isWhole: Scalars['Boolean']['output'];
  /** From this moment on all is known. Later than you asked for: the logs do not reach so far back, and earlier changes may be missing. */
  readonly knownFrom: Scalars['DateTime']['output'];
  /** One for each thing that changed, the last changed first. */
  readonly lines: ReadonlyArray<WhileAwayLine>;
  /** How many things changed besides. */
  readonly more: Scalars['Int']['output'];
  /** Up to when it was read. Of later events there are subscriptions. */
  readonly until: Scalars['DateTime']['output'];
};

/** What happened to one thing. */
export type WhileAwayLine = {
  /** What happened, in order, each once. Of what was deleted, only that. */
  readonly actions: ReadonlyArray<Scalars['String']['output']>;
  /** Who did the last of it; `null`: the system. */
  readonly actor: Maybe<User>;
  /** The crate as it is now. */
  readonly crate: Maybe<Crate>;
  /** The DMS's id of the thing. */
  readonly entityId: Scalars['ID']['output'];
  /** The ids of these events, the newest last. At most the newest 100. */
  readonly eventIds: ReadonlyArray<Scalars['ID']['output']>;
  /** How many events. */
  readonly events: Scalars['Int']['output'];
  /** When the first of these events happened. */
  readonly firstAt: Scalars['DateTime']['output'];
  /** It was deleted. */
  readonly isDeleted: Scalars['Boolean']['output'];
  /** It is addressed to you. */
  readonly isMine: Scalars['Boolean']['output'];
  /** It was made, or came to the unit. */
  readonly isNew: Scalars['Boolean']['output'];
  /** The kind of its events, such as `request`. */
  readonly kind: Scalars['String']['output'];
  /** When the last of them happened. */
  readonly lastAt: Scalars['DateTime']['output'];
  /** The storage location as it is now. */
  readonly location: Maybe<StorageLocation>;
  /** The request as it is now. */
  readonly request: Maybe<Request>;
  /** The send-back. */
  readonly sendBack: Maybe<SendBack>;
  /** Its status before; `null`: it is new, it has none, or the log does not know it any more. */
  readonly statusBefore: Maybe<Scalars['String']['output']>;
  /** Its status now; `null`: it has none, or it was deleted. */
  readonly statusNow: Maybe<Scalars['String']['output']>;
};



export type ResolverTypeWrapper<T> = Promise<T> | T;


export type ResolverWithResolve<TResult, TParent, TContext, TArgs> = {
  resolve: ResolverFn<TResult, TParent, TContext, TArgs>;
};
export type Resolver<TResult, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = ResolverFn<TResult, TParent, TContext, TArgs> | ResolverWithResolve<TResult, TParent, TContext, TArgs>;

export type ResolverFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => Promise<TResult> | TResult;

export type SubscriptionSubscribeFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => AsyncIterable<TResult> | Promise<AsyncIterable<TResult>>;

export type SubscriptionResolveFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;

export interface SubscriptionSubscriberObject<TResult, TKey extends string, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<{ [key in TKey]: TResult }, TParent, TContext, TArgs>;
  resolve?: SubscriptionResolveFn<TResult, { [key in TKey]: TResult }, TContext, TArgs>;
}

export interface SubscriptionResolverObject<TResult, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<any, TParent, TContext, TArgs>;
  resolve: SubscriptionResolveFn<TResult, any, TContext, TArgs>;
}

export type SubscriptionObject<TResult, TKey extends string, TParent, TContext, TArgs> =
  | SubscriptionSubscriberObject<TResult, TKey, TParent, TContext, TArgs>
  | SubscriptionResolverObject<TResult, TParent, TContext, TArgs>;

export type SubscriptionResolver<TResult, TKey extends string, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> =
  | ((...args: any[]) => SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>)
  | SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>;

export type TypeResolveFn<TTypes, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (
  parent: TParent,
  context: TContext,
  info: GraphQLResolveInfo
) => Maybe<TTypes> | Promise<Maybe<TTypes>>;

export type IsTypeOfResolverFn<T = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (obj: T, context: TContext, info: GraphQLResolveInfo) => boolean | Promise<boolean>;

export type NextResolverFn<T> = () => Promise<T>;

export type DirectiveResolverFn<TResult = Record<PropertyKey, never>, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = (
  next: NextResolverFn<TResult>,
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;





/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  AuditEntry: ResolverTypeWrapper<AuditEntry>;
  AuditEvent: ResolverTypeWrapper<AuditEvent>;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
  Crate: ResolverTypeWrapper<Crate>;
  CrateAction: CrateAction;
  CrateEvent: ResolverTypeWrapper<CrateEvent>;
  CrateStatus: CrateStatus;
  CrateStatusCount: ResolverTypeWrapper<CrateStatusCount>;
  DashboardKpis: ResolverTypeWrapper<DashboardKpis>;
  DateTime: ResolverTypeWrapper<Scalars['DateTime']['output']>;
  Document: ResolverTypeWrapper<Document>;
  Float: ResolverTypeWrapper<Scalars['Float']['output']>;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  JSON: ResolverTypeWrapper<Scalars['JSON']['output']>;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Presence: ResolverTypeWrapper<Presence>;
  PresenceDoing: PresenceDoing;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Request: ResolverTypeWrapper<Request>;
  RequestAction: RequestAction;
  RequestEvent: ResolverTypeWrapper<RequestEvent>;
  RequestStatus: RequestStatus;
  RequestStatusCount: ResolverTypeWrapper<RequestStatusCount>;
  RequestType: RequestType;
  RequestTypeCount: ResolverTypeWrapper<RequestTypeCount>;
  RoleClass: RoleClass;
  SendBack: ResolverTypeWrapper<SendBack>;
  SendBackAction: SendBackAction;
  SendBackEvent: ResolverTypeWrapper<SendBackEvent>;
  StorageAction: StorageAction;
  StorageEvent: ResolverTypeWrapper<StorageEvent>;
  StorageLocation: ResolverTypeWrapper<StorageLocation>;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  Subscription: ResolverTypeWrapper<Record<PropertyKey, never>>;
  User: ResolverTypeWrapper<User>;
  Viewer: ResolverTypeWrapper<Viewer>;
  WhileAway: ResolverTypeWrapper<WhileAway>;
  WhileAwayLine: ResolverTypeWrapper<WhileAwayLine>;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  AuditEntry: AuditEntry;
  AuditEvent: AuditEvent;
  Boolean: Scalars['Boolean']['output'];
  Crate: Crate;
  CrateEvent: CrateEvent;
  CrateStatusCount: CrateStatusCount;
  DashboardKpis: DashboardKpis;
  DateTime: Scalars['DateTime']['output'];
  Document: Document;
  Float: Scalars['Float']['output'];
  ID: Scalars['ID']['output'];
  Int: Scalars['Int']['output'];
  JSON: Scalars['JSON']['output'];
  Mutation: Record<PropertyKey, never>;
  Presence: Presence;
  Query: Record<PropertyKey, never>;
  Request: Request;
  RequestEvent: RequestEvent;
  RequestStatusCount: RequestStatusCount;
  RequestTypeCount: RequestTypeCount;
  SendBack: SendBack;
  SendBackEvent: SendBackEvent;
  StorageEvent: StorageEvent;
  StorageLocation: StorageLocation;
  String: Scalars['String']['output'];
  Subscription: Record<PropertyKey, never>;
  User: User;
  Viewer: Viewer;
  WhileAway: WhileAway;
  WhileAwayLine: WhileAwayLine;
};

export type AuthenticatedDirectiveArgs = { };

export type AuthenticatedDirectiveResolver<Result, Parent, ContextType = Context, Args = AuthenticatedDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type BoundsDirectiveArgs = {
  max?: Maybe<Scalars['Int']['input']>;
  min?: Maybe<Scalars['Int']['input']>;
};

export type BoundsDirectiveResolver<Result, Parent, ContextType = Context, Args = BoundsDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type DefaultDirectiveArgs = {
  from: Scalars['String']['input'];
};

export type DefaultDirectiveResolver<Result, Parent, ContextType = Context, Args = DefaultDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type FilterDirectiveArgs = {
  by: Scalars['String']['input'];
};

export type FilterDirectiveResolver<Result, Parent, ContextType = Context, Args = FilterDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type FoldedDirectiveArgs = {
  kind: Scalars['String']['input'];
};

export type FoldedDirectiveResolver<Result, Parent, ContextType = Context, Args = FoldedDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type InstantDirectiveArgs = { };

export type InstantDirectiveResolver<Result, Parent, ContextType = Context, Args = InstantDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type NewestDirectiveArgs = {
  of: Scalars['String']['input'];
};

export type NewestDirectiveResolver<Result, Parent, ContextType = Context, Args = NewestDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type OwnTopicDirectiveArgs = { };

export type OwnTopicDirectiveResolver<Result, Parent, ContextType = Context, Args = OwnTopicDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type RequiresRoleDirectiveArgs = {
  role: RoleClass;
};

export type RequiresRoleDirectiveResolver<Result, Parent, ContextType = Context, Args = RequiresRoleDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type SetOnceDirectiveArgs = { };

export type SetOnceDirectiveResolver<Result, Parent, ContextType = Context, Args = SetOnceDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type TopicDirectiveArgs = {
  kind: Scalars['String']['input'];
  newestOnly?: Scalars['Boolean']['input'];
  time?: Scalars['String']['input'];
  together?: Scalars['Boolean']['input'];
};

export type TopicDirectiveResolver<Result, Parent, ContextType = Context, Args = TopicDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type TopicEntityDirectiveArgs = { };

export type TopicEntityDirectiveResolver<Result, Parent, ContextType = Context, Args = TopicEntityDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type UnitOwnedDirectiveArgs = { };

export type UnitOwnedDirectiveResolver<Result, Parent, ContextType = Context, Args = UnitOwnedDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type UnitScopeDirectiveArgs = { };

export type UnitScopeDirectiveResolver<Result, Parent, ContextType = Context, Args = UnitScopeDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type WhileAwayDirectiveArgs = { };

export type WhileAwayDirectiveResolver<Result, Parent, ContextType = Context, Args = WhileAwayDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type AuditEntryResolvers<ContextType = Context, ParentType extends ResolversParentTypes['AuditEntry'] = ResolversParentTypes['AuditEntry']> = {
  action?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  at?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  changes?: Resolver<Maybe<ResolversTypes['JSON']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  ipAddress?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  objectId?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  objectType?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  unitId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  user?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
};

export type AuditEventResolvers<ContextType = Context, ParentType extends ResolversParentTypes['AuditEvent'] = ResolversParentTypes['AuditEvent']> = {
  action?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  actor?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
  entry?: Resolver<ResolversTypes['AuditEntry'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  occurredAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  version?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
};

export type CrateResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Crate'] = ResolversParentTypes['Crate']> = {
  destructionDate?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  documents?: Resolver<Maybe<ReadonlyArray<ResolversTypes['Document']>>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  status?: Resolver<ResolversTypes['CrateStatus'], ParentType, ContextType>;
  storage?: Resolver<Maybe<ResolversTypes['StorageLocation']>, ParentType, ContextType>;
  unitId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
};

export type CrateEventResolvers<ContextType = Context, ParentType extends ResolversParentTypes['CrateEvent'] = ResolversParentTypes['CrateEvent']> = {
  action?: Resolver<ResolversTypes['CrateAction'], ParentType, ContextType>;
  actor?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
  crate?: Resolver<ResolversTypes['Crate'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  occurredAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  version?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
};

export type CrateStatusCountResolvers<ContextType = Context, ParentType extends ResolversParentTypes['CrateStatusCount'] = ResolversParentTypes['CrateStatusCount']> = {
  count?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  status?: Resolver<ResolversTypes['CrateStatus'], ParentType, ContextType>;
};

export type DashboardKpisResolvers<ContextType = Context, ParentType extends ResolversParentTypes['DashboardKpis'] = ResolversParentTypes['DashboardKpis']> = {
  computedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  cratesByStatus?: Resolver<Maybe<ReadonlyArray<ResolversTypes['CrateStatusCount']>>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  overdueWithdrawals?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  pendingApprovals?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  requestsByStatus?: Resolver<Maybe<ReadonlyArray<ResolversTypes['RequestStatusCount']>>, ParentType, ContextType>;
  requestsByType?: Resolver<Maybe<ReadonlyArray<ResolversTypes['RequestTypeCount']>>, ParentType, ContextType>;
  unitId?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
};

export interface DateTimeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['DateTime'], any> {
  name: 'DateTime';
}

export type DocumentResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Document'] = ResolversParentTypes['Document']> = {
  description?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  documentName?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  documentNumber?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  documentType?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  unitId?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
};

export interface JsonScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['JSON'], any> {
  name: 'JSON';
}

export type MutationResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = {
  renewSession?: Resolver<ResolversTypes['Viewer'], ParentType, ContextType, RequireFields<MutationRenewSessionArgs, 'token'>>;
};

export type PresenceResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Presence'] = ResolversParentTypes['Presence']> = {
  action?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  doing?: Resolver<ResolversTypes['PresenceDoing'], ParentType, ContextType>;
  name?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  objectId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  role?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  since?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  unitId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  userId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
};

export type QueryResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  dashboardKpis?: Resolver<Maybe<ResolversTypes['DashboardKpis']>, ParentType, ContextType, Partial<QueryDashboardKpisArgs>>;
  viewer?: Resolver<ResolversTypes['Viewer'], ParentType, ContextType>;
  whileAway?: Resolver<ResolversTypes['WhileAway'], ParentType, ContextType, RequireFields<QueryWhileAwayArgs, 'first' | 'includeOwn' | 'sinceMs'>>;
};

export type RequestResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Request'] = ResolversParentTypes['Request']> = {
  allocatedBy?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
  allocationDate?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  approvalDate?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  approvedBy?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
  crate?: Resolver<Maybe<ResolversTypes['Crate']>, ParentType, ContextType>;
  createdAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  createdBy?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
  expectedReturnDate?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  issueDate?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  issuedBy?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
  requestType?: Resolver<ResolversTypes['RequestType'], ParentType, ContextType>;
  returnDate?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  status?: Resolver<ResolversTypes['RequestStatus'], ParentType, ContextType>;
  unitId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  withdrawnBy?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
};

export type RequestEventResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RequestEvent'] = ResolversParentTypes['RequestEvent']> = {
  action?: Resolver<ResolversTypes['RequestAction'], ParentType, ContextType>;
  actor?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  occurredAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  request?: Resolver<ResolversTypes['Request'], ParentType, ContextType>;
  version?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
};

export type RequestStatusCountResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RequestStatusCount'] = ResolversParentTypes['RequestStatusCount']> = {
  count?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  status?: Resolver<ResolversTypes['RequestStatus'], ParentType, ContextType>;
};

export type RequestTypeCountResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RequestTypeCount'] = ResolversParentTypes['RequestTypeCount']> = {
  count?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  requestType?: Resolver<ResolversTypes['RequestType'], ParentType, ContextType>;
};

export type SendBackResolvers<ContextType = Context, ParentType extends ResolversParentTypes['SendBack'] = ResolversParentTypes['SendBack']> = {
  createdBy?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  reason?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  request?: Resolver<Maybe<ResolversTypes['Request']>, ParentType, ContextType>;
  requestId?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  sendbackType?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  unitId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
};

export type SendBackEventResolvers<ContextType = Context, ParentType extends ResolversParentTypes['SendBackEvent'] = ResolversParentTypes['SendBackEvent']> = {
  action?: Resolver<ResolversTypes['SendBackAction'], ParentType, ContextType>;
  actor?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  occurredAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  sendBack?: Resolver<ResolversTypes['SendBack'], ParentType, ContextType>;
  version?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
};

export type StorageEventResolvers<ContextType = Context, ParentType extends ResolversParentTypes['StorageEvent'] = ResolversParentTypes['StorageEvent']> = {
  action?: Resolver<ResolversTypes['StorageAction'], ParentType, ContextType>;
  actor?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  locations?: Resolver<ReadonlyArray<ResolversTypes['StorageLocation']>, ParentType, ContextType>;
  occurredAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  version?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
};

export type StorageLocationResolvers<ContextType = Context, ParentType extends ResolversParentTypes['StorageLocation'] = ResolversParentTypes['StorageLocation']> = {
  compartmentName?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  rackName?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  roomName?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  shelfName?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  unitId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
};

export type SubscriptionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Subscription'] = ResolversParentTypes['Subscription']> = {
  announcePresence?: SubscriptionResolver<ResolversTypes['Boolean'], "announcePresence", ParentType, ContextType, RequireFields<SubscriptionAnnouncePresenceArgs, 'doing' | 'id' | 'kind'>>;
  auditLogged?: SubscriptionResolver<ResolversTypes['AuditEvent'], "auditLogged", ParentType, ContextType, Partial<SubscriptionAuditLoggedArgs>>;
  crateUpdated?: SubscriptionResolver<ResolversTypes['CrateEvent'], "crateUpdated", ParentType, ContextType, Partial<SubscriptionCrateUpdatedArgs>>;
  dashboardKpis?: SubscriptionResolver<ResolversTypes['DashboardKpis'], "dashboardKpis", ParentType, ContextType, Partial<SubscriptionDashboardKpisArgs>>;
  presence?: SubscriptionResolver<ReadonlyArray<ResolversTypes['Presence']>, "presence", ParentType, ContextType, RequireFields<SubscriptionPresenceArgs, 'kind'>>;
  requestUpdated?: SubscriptionResolver<ResolversTypes['RequestEvent'], "requestUpdated", ParentType, ContextType, Partial<SubscriptionRequestUpdatedArgs>>;
  sendBackCreated?: SubscriptionResolver<ResolversTypes['SendBackEvent'], "sendBackCreated", ParentType, ContextType, RequireFields<SubscriptionSendBackCreatedArgs, 'mine'>>;
  storageUpdated?: SubscriptionResolver<ResolversTypes['StorageEvent'], "storageUpdated", ParentType, ContextType, Partial<SubscriptionStorageUpdatedArgs>>;
};

export type UserResolvers<ContextType = Context, ParentType extends ResolversParentTypes['User'] = ResolversParentTypes['User']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  name?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  role?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type ViewerResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Viewer'] = ResolversParentTypes['Viewer']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  isAdmin?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  name?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  role?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  sessionExpiresAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  unitId?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
};

export type WhileAwayResolvers<ContextType = Context, ParentType extends ResolversParentTypes['WhileAway'] = ResolversParentTypes['WhileAway']> = {
  isWhole?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  knownFrom?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  lines?: Resolver<ReadonlyArray<ResolversTypes['WhileAwayLine']>, ParentType, ContextType>;
  more?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  until?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
};

export type WhileAwayLineResolvers<ContextType = Context, ParentType extends ResolversParentTypes['WhileAwayLine'] = ResolversParentTypes['WhileAwayLine']> = {
  actions?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  actor?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
  crate?: Resolver<Maybe<ResolversTypes['Crate']>, ParentType, ContextType>;
  entityId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  eventIds?: Resolver<ReadonlyArray<ResolversTypes['ID']>, ParentType, ContextType>;
  events?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  firstAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  isDeleted?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  isMine?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  isNew?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  lastAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  location?: Resolver<Maybe<ResolversTypes['StorageLocation']>, ParentType, ContextType>;
  request?: Resolver<Maybe<ResolversTypes['Request']>, ParentType, ContextType>;
  sendBack?: Resolver<Maybe<ResolversTypes['SendBack']>, ParentType, ContextType>;
  statusBefore?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  statusNow?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type Resolvers<ContextType = Context> = {
  AuditEntry?: AuditEntryResolvers<ContextType>;
  AuditEvent?: AuditEventResolvers<ContextType>;
  Crate?: CrateResolvers<ContextType>;
  CrateEvent?: CrateEventResolvers<ContextType>;
  CrateStatusCount?: CrateStatusCountResolvers<ContextType>;
  DashboardKpis?: DashboardKpisResolvers<ContextType>;
  DateTime?: GraphQLScalarType;
  Document?: DocumentResolvers<ContextType>;
  JSON?: GraphQLScalarType;
  Mutation?: MutationResolvers<ContextType>;
  Presence?: PresenceResolvers<ContextType>;
  Query?: QueryResolvers<ContextType>;
  Request?: RequestResolvers<ContextType>;
  RequestEvent?: RequestEventResolvers<ContextType>;
  RequestStatusCount?: RequestStatusCountResolvers<ContextType>;
  RequestTypeCount?: RequestTypeCountResolvers<ContextType>;
  SendBack?: SendBackResolvers<ContextType>;
  SendBackEvent?: SendBackEventResolvers<ContextType>;
  StorageEvent?: StorageEventResolvers<ContextType>;
  StorageLocation?: StorageLocationResolvers<ContextType>;
  Subscription?: SubscriptionResolvers<ContextType>;
  User?: UserResolvers<ContextType>;
  Viewer?: ViewerResolvers<ContextType>;
  WhileAway?: WhileAwayResolvers<ContextType>;
  WhileAwayLine?: WhileAwayLineResolvers<ContextType>;
};

export type DirectiveResolvers<ContextType = Context> = {
  authenticated?: AuthenticatedDirectiveResolver<any, any, ContextType>;
  bounds?: BoundsDirectiveResolver<any, any, ContextType>;
  default?: DefaultDirectiveResolver<any, any, ContextType>;
  filter?: FilterDirectiveResolver<any, any, ContextType>;
  folded?: FoldedDirectiveResolver<any, any, ContextType>;
  instant?: InstantDirectiveResolver<any, any, ContextType>;
  newest?: NewestDirectiveResolver<any, any, ContextType>;
  ownTopic?: OwnTopicDirectiveResolver<any, any, ContextType>;
  requiresRole?: RequiresRoleDirectiveResolver<any, any, ContextType>;
  setOnce?: SetOnceDirectiveResolver<any, any, ContextType>;
  topic?: TopicDirectiveResolver<any, any, ContextType>;
  topicEntity?: TopicEntityDirectiveResolver<any, any, ContextType>;
  unitOwned?: UnitOwnedDirectiveResolver<any, any, ContextType>;
  unitScope?: UnitScopeDirectiveResolver<any, any, ContextType>;
  whileAway?: WhileAwayDirectiveResolver<any, any, ContextType>;
};
