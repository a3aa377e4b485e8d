import { type ComponentType, useEffect } from 'react';
import { AuditScreen } from '../audit/audit-screen.tsx';
import { CratesScreen } from '../crates/crates-screen.tsx';
import { Toasts } from '../live/toasts.tsx';
import { type Screen, usePlace } from '../place/place.ts';
import { RequestsScreen } from '../requests/requests-screen.tsx';
import { StorageScreen } from '../storage/storage-screen.tsx';
import { Boundary } from '../ui/boundary.tsx';
import { LateDashboard } from './late-dashboard.tsx';
import { SCREEN_TITLES } from './screens.ts';
import { Sidebar } from './sidebar.tsx';

const CONTENTS: Readonly<Record<Screen, ComponentType>> = {
  requests: RequestsScreen,
  crates: CratesScreen,
  storage: StorageScreen,
  audit: AuditScreen,
  dashboard: LateDashboard,
};

/** The page around the screens. */
export function Shell() {
  const { screen } = usePlace();
  const Content = CONTENTS[screen];
  useEffect(() => {
    document.title = `${SCREEN_TITLES[screen]} · Records`;
  }, [screen]);
  return (
    <div className="flex h-full max-sm:flex-col-reverse print:block">
      <Sidebar current={screen} />
      <div className="flex min-h-0 min-w-0 flex-1 flex-col print:block">
        <Boundary key={screen}>
          <Content />
        </Boundary>
      </div>
      <Toasts />
    </div>
  );
}
