/** The first element of the query keys of each kind; what is left out keeps the DMS's. */
export interface LiveQueryKeys {
  /** Default: `requests`, as in `['requests', requestType, status, unitId]`. */
  readonly requests?: string;
  /** Default: `request`, as in `['request', id]`. */
  readonly request?: string;
  /** Default: `crates`, as in `['crates', status, unitId]`. */
  readonly crates?: string;
  /** Default: `crate`, as in `['crate', id]`. */
  readonly crate?: string;
  /** Default: `storage`, as in `['storage', unitId]`. */
  readonly storage?: string;
  /** Default: `audit`, as in `['audit', unitId]`. */
  readonly audit?: string;
  /** Default: `dashboard`, as in `['dashboard', unitId]`. */
  readonly dashboard?: string;
}
