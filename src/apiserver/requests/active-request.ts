import type { UserInfo } from '#api/transport.ts';
import type { AuditDecision } from '../audit/policy.ts';
import type { AuditedRequest } from '../audit/auditor.ts';
import type { Seat } from '../flowcontrol/flow-control.ts';
import type { ActiveSchema } from '../flowcontrol/flow-schemas.ts';
import type { Series } from '../metrics/request-metrics.ts';
import type { RequestInfo } from '../request-info.ts';
import type { Handling } from './handling.ts';
import type { RequestIds } from './request-ids.ts';

/** Where a request comes from. */
export interface Origin {
  readonly method: string;
  readonly userAgent: string;
  /** An id that the client gave; one is made when absent. */
  readonly auditId?: string | undefined;
  uri(): string;
  sourceIps(): readonly string[];
  /** When the client goes away. */
  readonly signal?: (() => AbortSignal) | undefined;
  /** Answers that the request took too long. */
  expire?(): void;
}

const NO_ANNOTATIONS: ReadonlyMap<string, string> = new Map();

/** One request from its first byte to its last, and what is to be told of it. */
export class ActiveRequest implements AuditedRequest {
  #id: string | undefined;
  readonly #ids: RequestIds;
  readonly receivedAt: number;
  readonly startedAt: number;
  readonly origin: Origin;
  authenticated: UserInfo | undefined;
  user: UserInfo | undefined;
  constraint: string | undefined;
  info: RequestInfo | undefined;
  /** When it was known before. */
  handling: Handling | undefined;
  body: unknown;
  code = 0;
  bytes = 0;
  /** Given once there is something to record. */
  answerValue: (() => unknown) | undefined;
  decision: AuditDecision | undefined;
  /** Of its turn, given or refused. */
  schema: ActiveSchema | undefined;
  seat: Seat | undefined;
  series: Series | undefined;
  isApply = false;
  isLongRunning = false;
  isOver = false;
  /** Called once the head of the answer is on its way. */
  onAnswered: (() => void) | undefined;
  /** Of a time-out that the client asked for. */
  cancelTimeout: (() => void) | undefined;
  /** Seconds after which the client may try again. */
  retryAfter: number | undefined;
  #annotations: Map<string, string> | undefined;
  /** For browsers; see `Front`. */
  frontHeaders: Readonly<Record<string, string>> | undefined;
  /** Its place in {@link OpenRequests}. */
  isOpen = false;
  older: ActiveRequest | undefined;
  newer: ActiveRequest | undefined;

  constructor(origin: Origin, { wall, monotonic, ids }: { readonly wall: number; readonly monotonic: number; readonly ids: RequestIds }) {
    this.origin = origin;
    this.receivedAt = wall;
    this.startedAt = monotonic;
    this.#ids = ids;
  }

  /** Made when it is first told. */
  get id(): string {
    this.#id ??= this.origin.auditId || this.#ids.next();
    return this.#id;
  }

  /** Go with every answer. */
  addHeaders(headers: Record<string, unknown>): void {
    headers['audit-id'] ??= this.id;
    if (this.schema) {
      headers['x-kubernetes-pf-flowschema-uid'] = this.schema.uid;
      headers['x-kubernetes-pf-prioritylevel-uid'] = this.schema.level.uid;
    }
    if (this.frontHeaders !== undefined) for (const [name, value] of Object.entries(this.frontHeaders)) headers[name] ??= value;
    if (this.retryAfter !== undefined) headers['retry-after'] ??= String(this.retryAfter);
  }

  get method(): string {
    return this.origin.method;
  }

  get userAgent(): string {
    return this.origin.userAgent;
  }

  get annotations(): ReadonlyMap<string, string> {
    return this.#annotations ?? NO_ANNOTATIONS;
  }

  get isMutating(): boolean {
    return this.origin.method !== 'GET' && this.origin.method !== 'HEAD';
  }

  uri(): string {
    return this.origin.uri();
  }

  sourceIps(): readonly string[] {
    return this.origin.sourceIps();
  }

  readonly answer = (): unknown => this.answerValue?.();

  /** Undefined unless the request is recorded, so that nobody words what nobody reads. */
  get annotate(): ((key: string, value: string) => void) | undefined {
    if (this.decision === undefined) return undefined;
    return (key, value) => {
      this.#annotations ??= new Map();
      // The first word stands, as in Kubernetes.
      if (!this.#annotations.has(key)) this.#annotations.set(key, value);
    };
  }

  /** The head of the answer is on its way. */
  answered(code: number, headers: Readonly<Record<string, string | readonly string[]>>): void {
    this.code = code;
    const length = headers['content-length'];
    if (typeof length === 'string') this.bytes = Number(length);
    this.onAnswered?.();
  }
}
