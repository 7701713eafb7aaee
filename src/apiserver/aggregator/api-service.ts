import type { APIService, APIServiceCondition } from '#api/generated/apiregistration/v1.ts';
import type { KubeObject } from '#api/object.ts';

export type ApiServiceObject = APIService & KubeObject;

/** An APIService whose group version another server answers. */
export interface RemoteService {
  readonly name: string;
  readonly group: string;
  readonly version: string;
  readonly service: { readonly namespace: string; readonly name: string; readonly port: number };
  /** PEM in base64; absent for the authorities of the system. */
  readonly caBundle?: string;
  readonly insecureSkipTLSVerify: boolean;
  readonly isAvailable: boolean;
}

const DEFAULT_PORT = 443;
const AVAILABLE = 'Available';
/** Of group versions that this server answers itself. */
export const LOCAL = { status: 'True', reason: 'Local', message: 'Local APIServices are always available' } as const;

export const availableCondition = (object: ApiServiceObject): APIServiceCondition | undefined => object.status?.conditions?.find((c) => c.type === AVAILABLE);

/** Undefined for group versions that this server answers itself. */
export function remoteOf(object: ApiServiceObject): RemoteService | undefined {
  const { group = '', version = '', service, caBundle, insecureSkipTLSVerify = false } = object.spec;
  if (!service) return undefined;
  const { namespace = '', name = '', port = DEFAULT_PORT } = service;
  return {
    name: object.metadata.name, group, version, service: { namespace, name, port }, insecureSkipTLSVerify, ...(caBundle ? { caBundle } : {}),
    isAvailable: availableCondition(object)?.status === 'True',
  };
}

/** The object with its availability; `object` itself when nothing but the time would change. */
export function withAvailability(object: ApiServiceObject, condition: Pick<APIServiceCondition, 'status' | 'reason' | 'message'>, now: string): ApiServiceObject {
  const known = availableCondition(object);
  if (known && known.status === condition.status && known.reason === condition.reason && known.message === condition.message) return object;
  const lastTransitionTime = known?.status === condition.status ? known.lastTransitionTime : now;
  const others = (object.status?.conditions ?? []).filter((c) => c.type !== AVAILABLE);
  return { ...object, status: { ...object.status, conditions: [...others, { type: AVAILABLE, ...condition, lastTransitionTime }] } };
}
