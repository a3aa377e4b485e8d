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

export function isAdmin({ role }: Me): boolean {
  return role === 'System Admin';
}
