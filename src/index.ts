/** For programs that run the server in their own process: `import { readConfig, startApp } from 'dms-live'`. */
export { type App, type AppExtras, type AppStats, startApp } from './app.ts';
export type { Identity, Viewer } from './auth/viewer.ts';
export { type Config, ConfigError, readConfig } from './config/config.ts';
export type { Environment } from './config/reader.ts';
export { type ErrorCode, LiveError, SessionError, type SessionFault } from './errors.ts';
export { createAppPublisher, createTokenControl, type TokenControl } from './in-process.ts';
export { createLogger, type Logger } from './log.ts';
export type { GraphiQLPage } from './transport/graphiql/graphiql.ts';
// To answer what is not GraphQL (`AppExtras.otherwise`).
export { notFound, type RequestHandler, sendJson } from './transport/responses.ts';
export { createStaticFile, IMMUTABLE, type StaticFile, sendStaticFile } from './transport/static-file.ts';
