export { LiveDevtools, LiveDevtoolsPanel, type LiveDevtoolsProps } from './devtools/live-devtools.tsx';
