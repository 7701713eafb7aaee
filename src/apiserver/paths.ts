import type { Outcome } from './outcome.ts';

/** What is served below no resource: discovery, OpenAPI, version, health, metrics. */
export interface Paths {
  /** @throws StatusError NotFound */
  serve(path: string, options?: PathOptions): Outcome | Promise<Outcome>;
  /** Undefined for paths that {@link serve} answers. @throws StatusError NotAcceptable */
  serveText(path: string, accept: string | undefined, query: Readonly<Record<string, string>>): TextAnswer | undefined | Promise<TextAnswer | undefined>;
}

/** An answer that is no API document: `ok`, metrics, OpenAPI. */
export interface TextAnswer {
  readonly status: number;
  /** Absent where there is nothing to read. */
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
  /** The body is in gzip already. */
  readonly isPacked?: true;
}

export interface PathOptions {
  /** The client takes lists of `apidiscovery.k8s.io/v2`. */
  readonly aggregated?: boolean;
  readonly query?: Readonly<Record<string, string>>;
}
