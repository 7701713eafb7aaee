import type { UserInfo } from '#api/transport.ts';

const PREFIX = 'system:node:';

/** Name of the node when the user is a node agent: user `system:node:<name>` of group `system:nodes`. */
export const nodeNameOf = (user: UserInfo): string | undefined =>
  (user.name.startsWith(PREFIX) && user.groups.includes('system:nodes') ? user.name.slice(PREFIX.length) : undefined);
