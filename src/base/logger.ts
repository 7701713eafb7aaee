import { pino } from 'pino';

/** Structured log: a constant message and key-values. Never pass a secret, a token or a whole object. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger that adds `fields` to every line. */
  child(fields: LogFields): Logger;
}
/** `error` may hold an Error: it is written with its stack and causes. */
export type LogFields = Readonly<Record<string, unknown>>;

export interface LoggerOptions {
  readonly level?: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** File to append to; standard error when absent. */
  readonly file?: string;
}

/** One JSON object a line. Writes are synchronous, so that a crash loses no line. */
export function createLogger(options: LoggerOptions = {}): Logger {
  const root = pino(
    { level: options.level ?? 'info', serializers: { error: pino.stdSerializers.err }, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: options.file ?? 2, sync: true, mkdir: true }),
  );
  return wrap(root);
}

export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => silentLogger };

function wrap(log: pino.Logger): Logger {
  return {
    debug: (message, fields) => log.debug(fields ?? {}, message),
    info: (message, fields) => log.info(fields ?? {}, message),
    warn: (message, fields) => log.warn(fields ?? {}, message),
    error: (message, fields) => log.error(fields ?? {}, message),
    child: (fields) => wrap(log.child(fields)),
  };
}
