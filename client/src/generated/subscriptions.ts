/* Generated from schema.graphql and the files in kinds/ by npm run generate. */
import { subscriptionTo } from '../query/kind.ts';
import * as Operations from './operations.ts';
import * as Shapes from './shapes.ts';

export const requestUpdated = /*#__PURE__*/ subscriptionTo(Operations.RequestUpdatedDocument, {
  shape: Shapes.REQUEST,
  isState: false,
  toChange: ({ requestUpdated: event }) => ({
    id: event.id,
    action: event.action,
    actor: event.actor,
    occurredAt: Date.parse(event.occurredAt),
    version: event.version,
    entities: [event.request],
  }),
});

export const crateUpdated = /*#__PURE__*/ subscriptionTo(Operations.CrateUpdatedDocument, {
  shape: Shapes.CRATE,
  isState: false,
  toChange: ({ crateUpdated: event }) => ({
    id: event.id,
    action: event.action,
    actor: event.actor,
    occurredAt: Date.parse(event.occurredAt),
    version: event.version,
    entities: [event.crate],
  }),
});

export const sendBackCreated = /*#__PURE__*/ subscriptionTo(Operations.SendBackCreatedDocument, {
  shape: Shapes.SEND_BACK,
  isState: false,
  toChange: ({ sendBackCreated: event }) => ({
    id: event.id,
    action: event.action,
    actor: event.actor,
    occurredAt: Date.parse(event.occurredAt),
    version: event.version,
    entities: [event.sendBack],
  }),
});

export const storageUpdated = /*#__PURE__*/ subscriptionTo(Operations.StorageUpdatedDocument, {
  shape: Shapes.STORAGE_LOCATION,
  isState: false,
  toChange: ({ storageUpdated: event }) => ({
    id: event.id,
    action: event.action,
    actor: event.actor,
    occurredAt: Date.parse(event.occurredAt),
    version: event.version,
    entities: event.locations,
  }),
});

export const auditLogged = /*#__PURE__*/ subscriptionTo(Operations.AuditLoggedDocument, {
  shape: Shapes.AUDIT_ENTRY,
  isState: false,
  toChange: ({ auditLogged: event }) => ({
    id: event.id,
    action: '',
    actor: event.actor,
    occurredAt: Date.parse(event.occurredAt),
    version: event.version,
    entities: [event.entry],
  }),
});

export const dashboardKpis = /*#__PURE__*/ subscriptionTo(Operations.DashboardKpisDocument, {
  shape: Shapes.DASHBOARD_KPIS,
  isState: true,
  toChange: ({ dashboardKpis: event }) => ({
    id: event.id,
    action: '',
    actor: null,
    occurredAt: 0,
    version: null,
    entities: [event],
  }),
});
