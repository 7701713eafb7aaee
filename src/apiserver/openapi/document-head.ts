import { VERSION } from '../discovery/version.ts';

export const INFO = { title: 'Kubernetes', version: VERSION.gitVersion } as const;
/** Tokens are all that Kubernetes says of how clients show who they are. */
export const SECURITY = { BearerToken: { description: 'Bearer Token authentication', type: 'apiKey', name: 'authorization', in: 'header' } } as const;
