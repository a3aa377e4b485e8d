/** An operation that GraphiQL opens with; its name becomes the tab's. */
export interface Example {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
}

/** For whom a tab is. */
export interface Reader {
  readonly isAuditor: boolean;
  readonly hasUnit: boolean;
}

/** One example for each field that the reader may use; the one that shows most comes first. */
export function examplesFor({ isAuditor, hasUnit }: Reader): Example[] {
  return [
    REQUESTS,
    CRATES,
    hasUnit ? MY_SEND_BACKS : SEND_BACKS,
    STORAGE,
    ...(isAuditor ? [AUDIT] : []),
    KPIS,
    VIEWER,
    CURRENT_KPIS,
  ];
}

const REQUESTS: Example = {
  query: `# Press play (Ctrl-Enter): every change of a
# request, as it happens. To filter, write into
# the variables below, for example:
#   { "requestTypes": ["WITHDRAWAL"] }
#   { "actions": ["ISSUED", "RETURNED"] }
subscription RequestUpdated(
  $requestId: ID
  $requestTypes: [RequestType!]
  $actions: [RequestAction!]
) {
  requestUpdated(
    requestId: $requestId
    requestTypes: $requestTypes
    actions: $actions
  ) {
    id
    action
    occurredAt
    actor { name role }
    request {
      id
      requestType
      status
      unitId
      createdBy { name }
      approvedBy { name }
      issuedBy { name }
      createdAt
      expectedReturnDate
      crate {
        id
        status
        storage { roomName rackName shelfName }
        documents { documentNumber documentName }
      }
    }
  }
}
`,
};

const CRATES: Example = {
  query: `# Crates made, relocated, handed out, archived,
# destroyed, moved between units. Where a crate
# stands in a room that you may not see, its
# storage is null.
subscription CrateUpdated {
  crateUpdated {
    action
    occurredAt
    actor { name role }
    crate {
      id
      status
      unitId
      storage { roomName rackName compartmentName shelfName }
      documents { documentNumber documentName description }
    }
  }
}
`,
};

const SEND_BACK_FIELDS = `{
    action
    occurredAt
    actor { name role }
    sendBack {
      id
      unitId
      reason
      sendbackType
      request { id requestType status createdBy { name } }
    }
  }`;

const SEND_BACKS: Example = {
  query: `# Requests sent back for correction, of all units.
subscription SendBackCreated {
  sendBackCreated ${SEND_BACK_FIELDS}
}
`,
};

const MY_SEND_BACKS: Example = {
  query: `# Requests of your unit sent back for correction.
# Only those addressed to you: write
#   { "mine": true }
# into the variables below.
subscription SendBackCreated($mine: Boolean! = false) {
  sendBackCreated(mine: $mine) ${SEND_BACK_FIELDS}
}
`,
  variables: { mine: false },
};

const STORAGE: Example = {
  query: `# Storage locations made (singly or a whole rack
# at once), renamed, deleted.
subscription StorageUpdated {
  storageUpdated {
    action
    occurredAt
    actor { name role }
    locations {
      id
      unitId
      roomName
      rackName
      compartmentName
      shelfName
    }
  }
}
`,
};

const AUDIT: Example = {
  query: `# The audit trail. Only a System Admin may see it.
subscription AuditLogged {
  auditLogged {
    action
    occurredAt
    entry {
      unitId
      objectType
      objectId
      user { name role }
      ipAddress
      changes
    }
  }
}
`,
};

const KPI_FIELDS = `{
    unitId
    computedAt
    pendingApprovals
    overdueWithdrawals
    requestsByStatus { status count }
    requestsByType { requestType count }
    cratesByStatus { status count }
  }`;

const KPIS: Example = {
  query: `# The newest figures at once, then each change.
subscription DashboardKpis {
  dashboardKpis ${KPI_FIELDS}
}
`,
};

const VIEWER: Example = {
  query: `# Who you are, as your token says.
query Viewer {
  viewer {
    id
    name
    unitId
    role
    isAdmin
    sessionExpiresAt
  }
}
`,
};

const CURRENT_KPIS: Example = {
  query: `# The newest figures, once.
query CurrentKpis {
  dashboardKpis ${KPI_FIELDS}
}
`,
};
