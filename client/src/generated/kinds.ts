/* Generated from schema.graphql and the files in kinds/ by npm run generate. */
import { audit } from '../kinds/audit.ts';
import { crates } from '../kinds/crates.ts';
import { kpis } from '../kinds/kpis.ts';
import { requests } from '../kinds/requests.ts';
import { storage } from '../kinds/storage.ts';

export const KINDS = { audit, crates, kpis, requests, storage };

/** What can be followed. */
export type LiveKind = keyof typeof KINDS;
