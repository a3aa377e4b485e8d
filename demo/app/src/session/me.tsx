import { createContext, type ReactNode, useContext } from 'react';
import type { Me } from '../api/rows.ts';

const MeContext = createContext<Me | undefined>(undefined);

export function MeProvider({ me, children }: { readonly me: Me; readonly children: ReactNode }) {
  return <MeContext.Provider value={me}>{children}</MeContext.Provider>;
}

/** Who is signed in. */
export function useMe(): Me {
  const me = useContext(MeContext);
  if (me === undefined) throw new Error('useMe() needs a MeProvider above it');
  return me;
}

/** The unit that a hook follows to keep a unit's rows live: the same subscription as the screens', which name none for the own unit. */
export function useFollowedUnit(unit: string): string | undefined {
  return isAdmin(useMe()) ? unit || undefined : undefined;
}

/** `Store Head of unit 1` */
export function describeMe({ role, unit_id: unit }: Me): string {
  return unit === null ? role : `${role} of unit ${unit}`;
}

export function isAdmin({ role }: Me): boolean {
  return role === 'System Admin';
}
