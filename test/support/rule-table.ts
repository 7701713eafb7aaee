import type { ExecutionContext, TestFn } from 'ava';
import { apiRequest, type ApiAnswer } from './api-request.ts';
import { type ControlPlane, startControlPlane } from './control-plane.ts';

export interface PlaneContext {
  readonly plane: ControlPlane;
}

export interface Ask {
  readonly method?: string;
  readonly path: string;
  readonly body?: unknown;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}
export interface Told extends ApiAnswer {
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into objects of all kinds
  readonly json: any;
}

/** One rule of the API: what is asked, and what of the answer it fixes. */
export interface Rule extends Ask {
  readonly rule: string;
  readonly status: number;
  /** Members that the answer has, among others. */
  readonly like?: object;
}

/** Starts a control plane for all tests of a file. */
export function withPlane(test: TestFn<PlaneContext>, prepare: (plane: ControlPlane) => Promise<unknown> = async () => undefined): void {
  test.before(async (t) => {
    const plane = await startControlPlane();
    (t as { context: PlaneContext }).context = { plane };
    await prepare(plane);
  });
  test.after.always(async (t) => t.context.plane?.stop());
}

/** As the administrator, over HTTPS. */
export async function ask(plane: ControlPlane, { method = 'GET', path, body, type = 'application/json', headers = {} }: Ask): Promise<Told> {
  const text = body === undefined || Buffer.isBuffer(body) || typeof body === 'string' ? body : JSON.stringify(body);
  const answer = await apiRequest(plane, path, { method, headers: { ...(text === undefined ? {} : { 'content-type': type, 'content-length': String(Buffer.byteLength(text as string)) }), ...headers }, ...(text === undefined ? {} : { body: text as string }) });
  return { ...answer, json: parsed(answer.body.toString()) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A test for each rule. */
export function testRules(test: TestFn<PlaneContext>, rules: readonly Rule[]): void {
  for (const { rule, status, like, ...asked } of rules) {
    test(rule, async (t) => {
      const told = await ask(t.context.plane, asked);
      t.is(told.status, status, told.body.toString().slice(0, 2_000));
      if (like !== undefined) t.like(told.json, like as Record<string, unknown>, told.body.toString().slice(0, 2_000));
    });
  }
}

/** Makes what a test starts from. */
export async function make(t: Pick<ExecutionContext, 'is'>, plane: ControlPlane, path: string, body: object): Promise<Told['json']> {
  const told = await ask(plane, { method: 'POST', path, body });
  t.is(told.status, 201, told.body.toString());
  return told.json;
}

export const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
export const configMap = (name: string, more: object = {}): object => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...(more as { metadata?: object }).metadata }, ...Object.fromEntries(Object.entries(more).filter(([key]) => key !== 'metadata')) });
