export { createFakeLiveClient, type FakeLiveClient, type PhaseToSet } from './testing/fake-live-client.ts';
export type { Announced, FakePresence, PresentInTest } from './testing/presence.ts';
export type { Sparse, SparseEvent } from './testing/sparse.ts';
