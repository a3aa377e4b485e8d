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
  query: `# Press play (Ctrl-Enter): every change of a request, as it happens.
# Filters, all optional; put them into the variables below, e.g.
#   { "requestTypes": ["WITHDRAWAL"], "actions": ["ISSUED", "RETURNED"] }
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
  variables: {},
};

const CRATES: Example = {
  query: `# Crates made, relocated, handed out, archived, moved between units, destroyed.
# "storage" is null where the crate stands in another unit's room.
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
  query: `# Requests sent back for correction, in all units.
subscription SendBackCreated {
  sendBackCreated ${SEND_BACK_FIELDS}
}
`,
};

const MY_SEND_BACKS: Example = {
  query: `# Requests sent back for correction, in your unit.
# { "mine": true } in the variables below: only those addressed to you.
subscription SendBackCreated($mine: Boolean! = false) {
  sendBackCreated(mine: $mine) ${SEND_BACK_FIELDS}
}
`,
  variables: { mine: false },
};

const STORAGE: Example = {
  query: `# Storage locations made (one by one or a rack at once), renamed, deleted.
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
  query: `# The audit trail. Only for System Admins, as are ipAddress and changes.
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
  query: `# The newest figures at once, then each change of them.
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
