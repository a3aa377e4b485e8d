import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import './index.css';
import { MUTATIONS, resumeSession } from './session/session.ts';
import { startTheme } from './shell/theme.ts';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');

startTheme();
void resumeSession();
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={new QueryClient({ defaultOptions: { mutations: MUTATIONS } })}>
      <App />
    </QueryClientProvider>
  </StrictMode>,
);
