import type { BrowserContextOptions } from 'playwright-core';

/** How a page is looked at, by the name that its pictures have. */
export const LOOKS: Readonly<Record<string, BrowserContextOptions>> = {
  'light-1440': { viewport: { width: 1440, height: 900 }, colorScheme: 'light' },
  'dark-1440': { viewport: { width: 1440, height: 900 }, colorScheme: 'dark' },
  'light-1024': { viewport: { width: 1024, height: 768 }, colorScheme: 'light' },
  'light-768': { viewport: { width: 768, height: 1024 }, colorScheme: 'light' },
  'light-390': { viewport: { width: 390, height: 844 }, colorScheme: 'light' },
  'dark-390': { viewport: { width: 390, height: 844 }, colorScheme: 'dark' },
  /** What a browser makes of a window of 1440 × 900 that is magnified. */
  'light-200%': { viewport: { width: 720, height: 450 }, deviceScaleFactor: 2, colorScheme: 'light' },
  'calm-1440': { viewport: { width: 1440, height: 900 }, colorScheme: 'light', reducedMotion: 'reduce' },
  /** For the README: `readme requests` and `readme dashboard` are copied to `demo/app/screenshots`. */
  'readme-light': { viewport: { width: 1280, height: 600 }, colorScheme: 'light' },
  'readme-dark': { viewport: { width: 1280, height: 600 }, colorScheme: 'dark' },
};

/** Looks of which a scene says that it needs them: there is nothing else to see in them. */
export const RARE = ['calm-1440', 'readme-light', 'readme-dark'];
