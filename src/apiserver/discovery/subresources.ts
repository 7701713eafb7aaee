import type { ResourceType } from '#api/resource-type.ts';

export interface SubresourceFacts {
  readonly kind: string;
  /** Named when they are not the resource's own. */
  readonly group?: string;
  readonly version?: string;
  readonly verbs: readonly string[];
}

const READ_AND_WRITE: readonly string[] = ['get', 'patch', 'update'];
const CREATE: readonly string[] = ['create'];
const CONNECT: readonly string[] = ['create', 'get'];
const PROXY: readonly string[] = ['create', 'delete', 'get', 'patch', 'update'];

/** What discovery says of a subresource. */
export function subresourceFacts({ kind }: ResourceType, name: string): SubresourceFacts {
  switch (name) {
    case 'scale': return { kind: 'Scale', group: 'autoscaling', version: 'v1', verbs: READ_AND_WRITE };
    case 'eviction': return { kind: 'Eviction', group: 'policy', version: 'v1', verbs: CREATE };
    case 'token': return { kind: 'TokenRequest', group: 'authentication.k8s.io', version: 'v1', verbs: CREATE };
    case 'binding': return { kind: 'Binding', verbs: CREATE };
    case 'exec': return { kind: 'PodExecOptions', verbs: CONNECT };
    case 'attach': return { kind: 'PodAttachOptions', verbs: CONNECT };
    case 'portforward': return { kind: 'PodPortForwardOptions', verbs: CONNECT };
    case 'proxy': return { kind: `${kind}ProxyOptions`, verbs: PROXY };
    case 'log': return { kind, verbs: ['get'] };
    case 'finalize': return { kind, verbs: ['update'] };
    default: return { kind, verbs: READ_AND_WRITE };
  }
}
