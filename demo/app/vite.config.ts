import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Where the demo server runs while the app is worked on with `npm run dev`. */
const server = process.env['DMS_URL'] ?? 'http://127.0.0.1:4000';

export default defineConfig({
  root: import.meta.dirname,
  // Relative, so that the app may be served at any path.
  base: './',
  plugins: [react(), tailwindcss()],
  build: {
    target: 'es2022',
    // Nothing inline: the page runs under `script-src 'self'; img-src 'self'`.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
  },
  server: {
    host: '127.0.0.1',
    proxy: {
      '/api': server,
      '/graphql': { target: server, ws: true },
    },
  },
});
