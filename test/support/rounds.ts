/** How often a fault test repeats its faults. One round shows that a fault does no harm; `FAULT_ROUNDS=20` searches for a rare moment. */
export const FAULT_ROUNDS = Number(process.env['FAULT_ROUNDS'] ?? 1);
